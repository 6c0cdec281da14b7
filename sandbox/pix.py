"""The text of a Pix that can be copied and scanned, as a bank's app would read it (EMV tags with a CRC at the end)."""

BRL = "986"


def text_of(*, place: str, reference: str, cents: int) -> str:
    """Return the text of a Pix at the sandbox. No bank knows its address: nobody can pay it with real money."""
    where = place.partition("://")[2]
    account = _tag("00", "br.gov.bcb.pix") + _tag("25", f"{where}/pix/{reference}"[:77])
    body = "".join(
        (
            _tag("00", "01"),
            _tag("01", "12"),
            _tag("26", account),
            _tag("52", "0000"),
            _tag("53", BRL),
            _tag("54", f"{cents // 100}.{cents % 100:02}"),
            _tag("58", "BR"),
            _tag("59", "SANDBOX"),
            _tag("60", "LUGAR NENHUM"),
            _tag("62", _tag("05", "***")),
            "6304",
        )
    )
    return f"{body}{_crc(body.encode()):04X}"


def _tag(number: str, value: str) -> str:
    return f"{number}{len(value):02}{value}"


def _crc(data: bytes) -> int:
    """Return the CRC-16/CCITT-FALSE, which ends the text."""
    found = 0xFFFF
    for byte in data:
        found ^= byte << 8
        for _bit in range(8):
            found = ((found << 1) ^ 0x1021 if found & 0x8000 else found << 1) & 0xFFFF
    return found

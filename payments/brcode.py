"""The text of a static Pix, as anybody's bank reads it from a QR code or a clipboard. Pure.

Source: Banco Central do Brasil, "Manual de Padrões para Iniciação do Pix", and the EMV QRCPS merchant-presented mode it
builds on: fields of id, length and value, closed by a CRC-16 (polynomial 0x1021, beginning with 0xFFFF).
"""

import re
import unicodedata
from decimal import Decimal

PIX = "br.gov.bcb.pix"
MAX_NAME, MAX_CITY, MAX_KEY, MAX_TXID, MAX_FIELD = 25, 15, 77, 25, 99

KEY_FORMS = {
    "cpf": re.compile(r"[0-9]{11}"),
    "cnpj": re.compile(r"[0-9A-Z]{12}[0-9]{2}"),
    "phone": re.compile(r"\+55[1-9][0-9]{9,10}"),
    "email": re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9-]+(\.[a-z0-9-]+)+"),
    "random": re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
}


def static_pix(*, key: str, name: str, city: str, amount: Decimal, txid: str) -> str:
    """Return the text of a Pix of `amount` reais to `key`, known to the payee's statement by `txid`.

    `txid`: at most 25 letters and digits. Raises ValueError for what a bank would refuse.
    """
    if not any(form.fullmatch(key) for form in KEY_FORMS.values()) or len(key) > MAX_KEY:
        raise ValueError("not a Pix key")
    if not re.fullmatch(r"[A-Za-z0-9]{1,25}", txid):
        raise ValueError("not a txid")
    if not Decimal("0.01") <= amount < Decimal(10000000000) or amount != round(amount, 2):
        raise ValueError("not an amount")
    payee, place = letters(name, most=MAX_NAME), letters(city, most=MAX_CITY)
    if not payee or not place:
        raise ValueError("a payee has a name and a city")
    body = "".join(
        (
            _field("00", "01"),
            _field("26", _field("00", PIX) + _field("01", key)),
            _field("52", "0000"),
            _field("53", "986"),
            _field("54", f"{amount:.2f}"),
            _field("58", "BR"),
            _field("59", payee),
            _field("60", place),
            _field("62", _field("05", txid)),
            "6304",
        )
    )
    return body + f"{crc16(body.encode('ascii')):04X}"


def crc16(data: bytes) -> int:
    """Return the CRC-16/CCITT-FALSE of the bytes."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _bit in range(8):
            crc = (crc << 1) ^ 0x1021 if crc & 0x8000 else crc << 1
            crc &= 0xFFFF
    return crc


def letters(text: str, *, most: int) -> str:
    """Return a name as every bank can show it: capital letters without accents, digits, spaces."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = re.sub(r"[^A-Za-z0-9 .&/-]+", " ", plain).upper().split()
    return " ".join(words)[:most].strip()


def _field(name: str, value: str) -> str:
    if not 1 <= len(value) <= MAX_FIELD:
        raise ValueError(f"field {name} has {len(value)} characters")
    return f"{name}{len(value):02d}{value}"

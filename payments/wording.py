"""How customers are shown what to pay with."""

import io

import segno


def qr_svg(*, text: str) -> str:
    """Return the QR code of a text as an SVG of its own, drawn large enough for any camera."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", scale=6, border=4, xmldecl=False, svgns=True)
    return out.getvalue().decode()

"""The second factor as a picture that a device reads: a QR code of the enrolment URI, for a page or a terminal."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from segno import QRCode

BORDER: Final = 4  # Modules of quiet zone, as ISO/IEC 18004 asks for.
SCALE: Final = 4  # Pixels of a module.


def page_picture(uri: str) -> str:
    """Return an SVG element without a style attribute, which the content policy forbids; it reveals the secret."""
    return str(_code(uri).svg_inline(scale=SCALE, border=BORDER, light="#fff", svgclass=None, lineclass=None))


def terminal_picture(uri: str, *, encoding: str, columns: int) -> str:
    """Return lines of half blocks; "" where the terminal lacks these or the width. It reveals the secret."""
    code, lines = _code(uri), io.StringIO()
    code.terminal(lines, border=BORDER, compact=True)
    try:
        lines.getvalue().encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return ""
    return lines.getvalue() if code.symbol_size(border=BORDER)[0] <= columns else ""


def _code(uri: str) -> QRCode:
    import segno  # Late import: every command goes through the gate, and hardly one draws.

    return segno.make_qr(uri)

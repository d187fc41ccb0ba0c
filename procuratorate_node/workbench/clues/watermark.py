"""Who looked at names, and when: written over what is shown and printed."""

from __future__ import annotations

import base64
from typing import Final

from markupsafe import escape

from linkage.web.page import Page
from procuratorate_node.casefiles.page_images import PageImage
from procuratorate_node.node import Node
from procuratorate_node.working_days import local_moment

STEP_X: Final = 460
STEP_Y: Final = 210


def seen_by(page: Page) -> str:
    """Return the viewer and the moment, Beijing time."""
    node = page.node(Node)
    return f"{page.officer} {local_moment(node.clock()):%Y-%m-%d %H:%M} {node.keys.party.name}"


def marked_image(image: PageImage, mark: str) -> bytes:
    """Return the page as one SVG: the picture, frames around the words sought, and the watermark over all of it."""
    width, height = image.width, image.height
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    picture = base64.b64encode(image.png).decode()
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size}>',
        f'<image width="{width}" height="{height}" href="data:image/png;base64,{picture}"/>',
    ]
    for box in image.boxes:
        x, y = box.left - 3, box.top - 3
        across, down = box.right - box.left + 6, box.bottom - box.top + 6
        parts.append(
            f'<rect x="{x:.0f}" y="{y:.0f}" width="{across:.0f}" height="{down:.0f}" fill="#ffe14d"'
            ' fill-opacity="0.35" stroke="#b45309" stroke-width="2"/>'
        )
    for y in range(STEP_Y // 2, height, STEP_Y):
        for x in range(20, width, STEP_X):
            parts.append(
                f'<text x="{x}" y="{y}" transform="rotate(-20 {x} {y})" font-size="22" fill="#808080"'
                f' fill-opacity="0.35" font-family="sans-serif">{escape(mark)}</text>'
            )
    return "".join([*parts, "</svg>"]).encode()

"""The second factor as a QR code: a device reads from page and terminal exactly the link that stands beside it."""

from __future__ import annotations

import re

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from linkage.accounts.picture import BORDER, page_picture, terminal_picture
from linkage.accounts.proofs import enrolment_uri

SECRET = bytes(range(20))
URIS = [
    enrolment_uri(SECRET, issuer="node", name="甲"),
    enrolment_uri(SECRET, issuer="示例县人民检察院", name="安全管理员"),
]
Modules = npt.NDArray[np.uint8]


def seen(light: Modules) -> str:
    """Return what a reader sees in modules, 1 for light."""
    picture = np.kron(light * 255, np.ones((6, 6), np.uint8)).astype(np.uint8)
    text, _, _ = cv2.QRCodeDetector().detectAndDecode(picture)
    return str(text)


def of_page(svg: str) -> Modules:
    """Return the modules that a page's path draws: runs of dark ones, each begun by a move."""
    size = int(re.findall(r'width="(\d+)"', svg)[0]) // 4
    light = np.ones((size, size), np.uint8)
    x, y = 0, 0
    for move, dx, dy, run in re.findall(r"([Mm])(-?\d+) (-?[\d.]+)h(\d+)", svg):
        x, y = (int(dx), int(float(dy))) if move == "M" else (x + int(dx), y + int(dy))
        light[y, x : x + int(run)] = 0
        x += int(run)
    return light


def of_terminal(text: str) -> Modules:
    """Return the modules of lines of half blocks, light ones painted."""
    halves = {" ": (0, 0), "▀": (1, 0), "▄": (0, 1), "█": (1, 1)}
    rows = [[[halves[c][half] for c in line] for half in (0, 1)] for line in text.splitlines()]
    return np.array([row for pair in rows for row in pair], np.uint8)


@pytest.mark.parametrize("uri", URIS)
def test_a_device_reads_the_link_from_the_page(uri: str) -> None:
    assert seen(of_page(page_picture(uri))) == uri


@pytest.mark.parametrize("uri", URIS)
def test_a_device_reads_the_link_from_the_terminal(uri: str) -> None:
    assert seen(of_terminal(terminal_picture(uri, encoding="utf-8", columns=80))) == uri


def test_the_pages_picture_needs_nothing_that_the_content_policy_forbids() -> None:
    svg = page_picture(URIS[0])

    assert svg.startswith("<svg ") and not re.search(r"style|script|href|url\(|<image", svg)


@pytest.mark.parametrize(("encoding", "columns"), [("gbk", 80), ("ascii", 80), ("no such", 80), ("utf-8", 40)])
def test_a_terminal_that_cannot_show_the_picture_gets_none(encoding: str, columns: int) -> None:
    assert terminal_picture(URIS[0], encoding=encoding, columns=columns) == ""
    assert len(terminal_picture(URIS[0], encoding="utf-8", columns=80).splitlines()[0]) > 2 * BORDER

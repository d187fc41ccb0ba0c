from __future__ import annotations

import io

from rich.console import Console

from linkage.demo.view import View


def shown(*stages: tuple[str, str]) -> str:
    screen = io.StringIO()
    with View(Console(file=screen, width=120), clock=lambda: 0.0) as view:
        for party, text in stages:
            view.stage(party, text)
    return screen.getvalue()


def test_without_a_terminal_each_change_is_one_plain_line() -> None:
    text = shown(("court", "encoding"), ("court", "uploading"))

    assert text.count("\n") == 2
    assert "\x1b" not in text


def test_a_stage_that_did_not_change_is_not_repeated() -> None:
    assert shown(("court", "encoding"), ("court", "encoding")).count("court") == 1


def test_brackets_in_a_stage_are_shown_as_they_are() -> None:
    assert "[3/4]" in shown(("court", "upload [3/4]"))

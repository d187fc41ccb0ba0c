"""The page of a file under check: what ends while the page is made is shown when the page asks again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from agency_node import importing
from agency_node.console.importing import show_trial
from linkage.web.page import Page


class Ending:
    """A job that is running at the first look and has ended at every later one."""

    result, error = None, None

    def __init__(self) -> None:
        self._looks: Iterator[str] = iter(["running"])

    @property
    def state(self) -> str:
        return next(self._looks, "done")

    def wait(self, seconds: float) -> None:
        """Nothing is waited for here."""


def test_a_check_that_ends_while_its_page_is_made_does_not_leave_a_page_without_a_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "waiting_file", lambda state, token: tmp_path / "export.csv")
    console: Any = SimpleNamespace(
        config=SimpleNamespace(state=tmp_path),
        jobs=SimpleNamespace(find=lambda key: Ending()),
        shelf=lambda: SimpleNamespace(owned={}),
    )
    page = SimpleNamespace(
        node=lambda kind: console, parameters={"token": "0" * 32}, render=lambda template, **facts: facts
    )

    facts = cast("dict[str, object]", show_trial(cast("Page", page)))
    assert facts["running"] is True and facts["trial"] is None

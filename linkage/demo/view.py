"""Show what every party is doing: a live table on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.table import Table


class View:
    """Keep the last stage of every party; print a line for each change unless the screen is live."""

    def __init__(self, console: Console, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._clock = clock
        self._begun = clock()
        self._stages: dict[str, tuple[str, float]] = {}
        self._live = Live(console=console, refresh_per_second=4, transient=True) if console.is_terminal else None

    def stage(self, party: str, text: str) -> None:
        """Note what a party does now; the same text again changes nothing."""
        if self._stages.get(party, ("", 0.0))[0] == text:
            return
        self._stages[party] = (text, self.seconds())
        if self._live is None:
            self.say(f"{party:<24} {text}")
        else:
            self._live.update(self._table())

    def say(self, text: str) -> None:
        """Print one line that stays."""
        self._console.print(f"[{self.seconds():7.1f} s] {text}", markup=False, highlight=False, soft_wrap=True)

    def seconds(self) -> float:
        return self._clock() - self._begun

    def close(self) -> None:
        """Stop the live table, so that what follows stays on the screen."""
        if self._live is not None:
            self._live.stop()

    def _table(self) -> Table:
        table = Table(title="各方进度 | progress of every party")
        for heading in ("单位 party", "阶段 stage", "秒 s"):
            table.add_column(heading)
        for party, (text, since) in self._stages.items():
            table.add_row(party, text, f"{since:.1f}")
        return table

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: TracebackType | None) -> None:
        self.close()

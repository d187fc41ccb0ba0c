"""What was read of the case files is kept for as long as the folder stays as it is."""

from __future__ import annotations

from pathlib import Path

from procuratorate_node.casework import Casework, load_casework
from procuratorate_node.casework_kept import KeptCasework
from procuratorate_node.config import Config
from tests.procuratorate_node.conftest import TODAY


def test_an_unchanged_folder_is_read_once_and_a_changed_one_again(config: Config, cases: Path) -> None:
    loaded: list[Casework] = []

    def load() -> Casework:
        loaded.append(load_casework(config, today=TODAY))
        return loaded[-1]

    kept = KeptCasework()
    first = kept.of(cases, load)
    assert kept.of(cases, load) is first and len(loaded) == 1

    file = cases / "parties.csv"
    file.write_text(file.read_text("utf-8") + "D9,c1,被害人,新来者,女,,,,,,,,,,,\n", "utf-8")
    changed = kept.of(cases, load)

    assert len(loaded) == 2 and len(changed.read.file.parties) == len(first.read.file.parties) + 1

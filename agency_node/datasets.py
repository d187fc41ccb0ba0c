"""An office's folder of files seen as datasets with snapshots, and the rows of a population in them.

A file's register is found from its name and header, its month from its name, its sheet titles, or [[file]] entries of
agency.toml ({path, preset, as_of, sheet} or {name, url, table | query_file, password_file, preset, as_of}). Files of
one dataset and one month are one list together; a file without any date belongs to the newest one.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from agency_node.changes import changed_rows
from agency_node.mapping import Preset, apply_mapping, load_presets
from agency_node.registers import RegisterRow
from agency_node.scan import FileEntry, RegisterFile, Shelf, scan_folder
from agency_node.snapshots import Period, choose_snapshot, previous_snapshot
from linkage.errors import NotFoundError
from linkage.sources.table import Reject
from linkage.warrant import PopulationSpec

MAPPING_FILE = "mapping.toml"
IMPORTED_MAPPING = "mapping.imports.toml"  # Written when a file is imported; the office writes the other one.
PRESET_FOLDER = "presets"
HELD_ROWS = 20_000  # Some 40 MiB.

OnReject = Callable[[Reject], None]


@dataclass(frozen=True, slots=True)
class DatasetInfo:
    """Say what a dataset is called, which class tags it has, and which months there are (oldest first)."""

    id: str
    title: str
    tags: tuple[str, ...]
    snapshots: tuple[str, ...]
    releasable: tuple[str, ...]


class Registers:
    """Open an office's registers. Reads headers when made and rows when asked.

    `datasets` limits the presets to what this office owns (from the manifest); None allows all. Rows of small files are
    held, HELD_ROWS at most, because a warrant's populations ask for the same files again and again; files may change,
    so make a new object for every use.
    """

    def __init__(
        self,
        folder: Path,
        *,
        today: date,
        datasets: Collection[str] | None = None,
        entries: tuple[FileEntry, ...] = (),
        config: Path | None = None,
    ) -> None:
        shelf = Shelf.split(office_presets(config or folder), datasets)
        self.files, self.problems = scan_folder(folder, shelf, today=today, entries=entries)
        self._held: dict[int, list[RegisterRow | Reject]] = {}
        self._room = HELD_ROWS

    def datasets(self) -> tuple[DatasetInfo, ...]:
        """Return the datasets there are files for, by id."""
        return tuple(self._info(d) for d in sorted({d for f in self.files for d in f.preset.datasets}))

    def rows(self, spec: PopulationSpec, *, on_reject: OnReject | None = None) -> Iterator[RegisterRow]:
        """Yield the rows of a population, in file order. Raises NotFoundError, InputError.

        With `change`, the rows are those of the snapshot in which the person is: "gained" in `snapshot`, "lost" in
        `change_since`; the other filters apply to both sides before they are compared.
        """
        month = self._snapshot(spec.dataset, spec.snapshot)
        read = functools.partial(self._filtered, spec, on_reject=on_reject)
        if not spec.change:
            return read(month)
        since = self._since(spec, month)
        here, there = (month, since) if spec.change == "gained" else (since, month)
        days = self._as_of(spec.dataset, here), self._as_of(spec.dataset, there)
        return changed_rows(read(here), read(there), as_of=days)

    def as_of(self, spec: PopulationSpec) -> date:
        """Return the day the population's rows show (the later one of a change)."""
        return self._as_of(spec.dataset, self._snapshot(spec.dataset, spec.snapshot))

    def find(self, file: str, sheet: str, line: int, *, dataset: str) -> RegisterRow:
        """Return one row again, for a release. Raises NotFoundError when it is not there (any more)."""
        for source in self._files(dataset):
            if source.file != file:
                continue
            for row in source.rows():
                if isinstance(row, RegisterRow) and (row.sheet, row.line, row.dataset) == (sheet, line, dataset):
                    return row
        raise NotFoundError(
            f"{file} 第 {line} 行没有数据集 {dataset} 的记录", f"{file} row {line} holds no record of dataset {dataset}"
        )

    def _filtered(self, spec: PopulationSpec, month: str, *, on_reject: OnReject | None) -> Iterator[RegisterRow]:
        wanted = frozenset(spec.classes)

        def keeps(row: RegisterRow) -> bool:
            return not wanted or not wanted.isdisjoint(row.classes)

        for source in self._files(spec.dataset, month):
            for row in self._rows_of(source):
                if isinstance(row, Reject):
                    if on_reject is not None:
                        on_reject(row)
                elif row.dataset == spec.dataset and (row.active or not spec.active_only) and keeps(row):
                    yield row

    def _rows_of(self, source: RegisterFile) -> Iterator[RegisterRow | Reject]:
        """Yield a file's rows, from memory when it was read to its end before and there was room."""
        place = self.files.index(source)
        if place in self._held:
            yield from self._held[place]
            return
        kept: list[RegisterRow | Reject] = []
        count = 0
        for count, row in enumerate(source.rows(), start=1):
            if count <= self._room:
                kept.append(row)
            elif kept:
                kept = []
            yield row
        if count <= self._room and place not in self._held:
            self._held[place] = kept
            self._room -= count

    def _files(self, dataset: str, month: str = "") -> list[RegisterFile]:
        found = [f for f in self.files if dataset in f.preset.datasets and month in ("", f.period.month)]
        if not found:
            raise NotFoundError(
                f"没有数据集 {dataset} 的文件",
                f"there is no file of dataset {dataset}",
                hint_zh="用 agency-node check 查看文件夹里识别出了哪些登记表",
                hint_en="see with agency-node check which registers were found in the folder",
            )
        return found

    def _periods(self, dataset: str) -> tuple[Period, ...]:
        return tuple(f.period for f in self._files(dataset))

    def _snapshot(self, dataset: str, wanted: str) -> str:
        return choose_snapshot(self._periods(dataset), wanted, dataset=dataset)

    def _since(self, spec: PopulationSpec, month: str) -> str:
        if spec.change_since == "previous":
            return previous_snapshot(self._periods(spec.dataset), month, dataset=spec.dataset)
        return self._snapshot(spec.dataset, spec.change_since)

    def _as_of(self, dataset: str, month: str) -> date:
        return max(f.period.as_of for f in self._files(dataset, month))

    def _info(self, dataset: str) -> DatasetInfo:
        preset = self._files(dataset)[-1].preset
        role = next(r for r in preset.roles if r.dataset == dataset)
        tags = tuple(dict.fromkeys(c.tag for c in role.classes))
        months = tuple(sorted({p.month for p in self._periods(dataset)}))
        return DatasetInfo(dataset, role.title, tags, months, preset.release)


def office_presets(folder: Path) -> Mapping[str, Preset]:
    """Return the presets with the office's own presets/*.toml and its mappings applied."""
    presets: Mapping[str, Preset] = load_presets(folder / PRESET_FOLDER)
    for mapping in (folder / MAPPING_FILE, folder / IMPORTED_MAPPING):
        if mapping.is_file():
            presets = apply_mapping(presets, mapping.read_text(encoding="utf-8"))
    return presets

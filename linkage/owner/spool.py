"""Where a round's files lie in the owner's private state: <state>/rounds/<round id>/, mode 0700.

<population>.rows        the encoded upload, shuffled, payload sealed; complete once it has this name; gone once sealed
<population>.map         position → local row, encrypted; gone when the round closes
<population>.key         the map's key, mode 0600; overwritten and gone when the round closes
*.part                   unfinished; dropped and made again after a crash
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from linkage.errors import NotFoundError
from linkage.keys.files import PRIVATE, make_folder, read_private, sync_folder, write_file
from linkage.owner.positions import KEY_BYTES, PositionMap


@dataclass(frozen=True, slots=True)
class SpoolPlace:
    """Name the files of one population of one round."""

    folder: Path
    round_id: str
    population: str

    @property
    def rows(self) -> Path:
        return self.folder / f"{self.population}.rows"

    @property
    def map(self) -> Path:
        return self.folder / f"{self.population}.map"

    @property
    def key(self) -> Path:
        return self.folder / f"{self.population}.key"

    def part(self, file: Path) -> Path:
        return file.with_name(file.name + ".part")

    @property
    def gathering(self) -> Path:
        """Return the file of rows in register order, which exists only while encoding."""
        return self.folder / f"{self.population}.order.part"

    @property
    def aad(self) -> bytes:
        return f"{self.round_id}\0{self.population}".encode()

    def prepare(self, random_bytes: Callable[[int], bytes]) -> bytes:
        """Drop what an earlier attempt left and return a fresh map key, kept in its file."""
        make_folder(self.folder.parent)
        make_folder(self.folder)
        self.drop_map()
        for file in (self.rows, self.gathering, self.part(self.rows), self.part(self.map)):
            file.unlink(missing_ok=True)
        key = random_bytes(KEY_BYTES)
        write_file(self.key, key, mode=PRIVATE)
        return key

    def open_map(self) -> PositionMap:
        """Return the map. Raises NotFoundError once it is destroyed."""
        if not self.key.exists() or not self.map.exists():
            raise NotFoundError(
                "这个轮次的位置对照表已销毁，或从未生成",
                "this round's position map is destroyed, or was never made",
            )
        return PositionMap(self.map, read_private(self.key), self.aad)

    def drop_rows(self) -> bool:
        """Delete the encoded rows; tell whether there were any."""
        found = self.rows.exists()
        for file in (self.rows, self.gathering, self.part(self.rows)):
            file.unlink(missing_ok=True)
        return found

    def drop_map(self) -> bool:
        """Overwrite and delete the map key, then delete the map; tell whether there was one.

        On disks that never write a block in place the overwriting is worth little; the encryption then rests on the
        disk's own erasure of the 32 bytes.
        """
        found = self.map.exists() or self.key.exists()
        if self.key.exists():
            with self.key.open("r+b") as target:
                target.write(bytes(KEY_BYTES))
                target.flush()
                os.fsync(target.fileno())
            self.key.unlink()
        for file in (self.map, self.part(self.map)):
            file.unlink(missing_ok=True)
        if found:
            sync_folder(self.folder)
        return found


def spool_place(state: Path, round_id: str, population: str) -> SpoolPlace:
    """Return where a population's files lie below a party's state folder."""
    return SpoolPlace(state / "rounds" / round_id, round_id, population)


def open_position_map(state: Path, round_id: str, population: str) -> PositionMap:
    """Return the map of one of our uploads. Raises NotFoundError once the round is closed."""
    return spool_place(state, round_id, population).open_map()

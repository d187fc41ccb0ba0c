"""Who exchanges files in tests of carried rounds: owners off the network, and the counter of the linkage unit."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from linkage.audit.log import AuditLog
from linkage.coordinator.courier import UnitCourier
from linkage.coordinator.running import Coordinator
from linkage.courier.packing import MIB
from linkage.courier.post import copy_to, files_for
from linkage.courier.taking import next_file
from linkage.errors import InputError
from linkage.owner.courier.session import CourierSession

MOST = 8 * MIB


@dataclass(slots=True)
class Side:
    """An owner off the network: its office, its log and its session of files."""

    office: Any
    audit: AuditLog
    session: CourierSession
    policy: Any

    def kinds(self) -> list[str]:
        lines = (self.audit.folder / "entries.jsonl").read_text("utf-8").splitlines()
        return [str(json.loads(line)["kind"]) for line in lines]


@dataclass(slots=True)
class Crossroads:
    """The linkage unit's counter for files, and the stick that is carried to and fro."""

    coordinator: Coordinator
    courier: UnitCourier
    stick: Path
    refused: list[str] = field(default_factory=list)

    def take(self, place: Path | None = None, *, skip_missing: bool = False) -> int:
        """Take every new file, as the command does."""
        unit, post = self.courier._unit, self.courier.post
        files = files_for(place or self.stick, unit.id, lambda sender: post.traffic(sender).taken)
        for file in files:
            arrived = next_file(file, unit.keys, post, now=unit.clock(), note=unit.note, skip_missing=skip_missing)
            self.refused += [call.reply.en for call in self.courier.take(arrived)]
        return len(files)

    def pack(self, party: str) -> list[Path]:
        unit = self.courier._unit
        self.courier.pack(unit.keys.manifest.party(party), most=MOST)
        return copy_to(self.courier.post.kept(party), self.stick)

    def visit(self, side: Side, *, most: int = MOST) -> None:
        """Carry the stick to an office and back once: import, work, export, import, export."""
        for file in files_for(self.stick, side.session.party, lambda peer: side.session.post.traffic(peer).taken):
            side.session.take(file)
        side.session.work()
        self.carry(side, most=most)

    def errand(self, side: Side, *, most: int = MOST) -> None:
        """Let an office's messenger come by once, whether or not there is anything for it."""
        self.pack(side.session.party)
        with contextlib.suppress(InputError):
            self.visit(side, most=most)

    def carry(self, side: Side, *, most: int = MOST) -> None:
        """Bring what an office has to say, and fetch what is for it."""
        side.session.pack(most=most)
        copy_to(side.session.post.kept("coordinator"), self.stick)
        self.take()
        self.pack(side.session.party)

    def decided(self) -> int:
        """Return how many decisions the coordinator has taken down."""
        return self.audit().count("round.decided")

    def audit(self) -> list[str]:
        lines = (self.courier._log.folder / "entries.jsonl").read_text("utf-8").splitlines()
        return [str(json.loads(line)["kind"]) for line in lines]

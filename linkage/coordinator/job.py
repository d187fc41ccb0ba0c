"""What a worker is told and what it leaves behind: job.json, then result.sealed and outcome.json.

Neither holds a secret: the warrant, row counts, and upload keys sealed to the requester.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from linkage.errors import InputError
from linkage.keys.canonical import canonical_json, encode_base64, parse_base64, parse_canonical_json
from linkage.keys.files import PRIVATE, write_file

JOB_FILE = "job.json"
OUTCOME_FILE = "outcome.json"
RESULT_FILE = "result.sealed"
FINISHED = "finished"  # The line with which a worker ends each round.
EFFORT = ("compared", "judged", "left_out")


@dataclass(frozen=True, slots=True)
class Job:
    """`rows`, `upload_keys` and `comparisons` are by population; `links_per_anchor` bounds the result's links.

    `comparisons` bounds how many filters are compared, `max_pairs` how many pairs a population may bring to judge.
    """

    warrant: bytes
    rows: Mapping[str, int]
    upload_keys: Mapping[str, bytes]
    links_per_anchor: int
    comparisons: Mapping[str, int]
    max_pairs: int

    def save(self, folder: Path) -> None:
        content = canonical_json(
            {
                "format": "linkage/v1/job",
                "warrant": encode_base64(self.warrant),
                "rows": dict(self.rows),
                "upload_keys": {name: encode_base64(key) for name, key in self.upload_keys.items()},
                "links_per_anchor": self.links_per_anchor,
                "comparisons": dict(self.comparisons),
                "max_pairs": self.max_pairs,
            }
        )
        write_file(folder / JOB_FILE, content, mode=PRIVATE)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read job.json. Raises InputError."""
        data = _read(folder / JOB_FILE)
        rows, keys, links = data.get("rows"), data.get("upload_keys"), data.get("links_per_anchor")
        most, pairs = data.get("comparisons"), data.get("max_pairs")
        if not isinstance(rows, dict) or not isinstance(keys, dict) or not isinstance(most, dict):
            raise InputError("任务文件不正确", "malformed job file")
        if not isinstance(links, int) or not isinstance(pairs, int):
            raise InputError("任务文件不正确", "malformed job file")
        return cls(
            parse_base64(str(data.get("warrant"))),
            {name: count for name, count in rows.items() if isinstance(count, int)},
            {name: parse_base64(str(key)) for name, key in keys.items()},
            links,
            {name: count for name, count in most.items() if isinstance(count, int)},
            pairs,
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """Either a sealed result (its digest and length, and counts) or the reason there is none.

    `compared` filters and `judged` pairs are what the matching took; `left_out` comparisons had no room.
    """

    result_digest: bytes = b""
    result_bytes: int = 0
    result_rows: int = 0
    links: int = 0
    failure: str = ""
    compared: int = 0
    judged: int = 0
    left_out: int = 0

    def save(self, folder: Path) -> None:
        content = canonical_json(
            {
                "format": "linkage/v1/outcome",
                "result_digest": self.result_digest.hex(),
                "result_bytes": self.result_bytes,
                "result_rows": self.result_rows,
                "links": self.links,
                "failure": self.failure,
                **{name: getattr(self, name) for name in EFFORT},
            }
        )
        write_file(folder / OUTCOME_FILE, content, mode=PRIVATE)

    @classmethod
    def load(cls, folder: Path) -> Self | None:
        """Read outcome.json, or return None where there is none yet. Raises InputError."""
        if not (folder / OUTCOME_FILE).exists():
            return None
        data = _read(folder / OUTCOME_FILE)
        numbers = [data.get(name) for name in ("result_bytes", "result_rows", "links")]
        if not all(isinstance(n, int) for n in numbers):
            raise InputError("结果说明不正确", "malformed outcome file")
        size, rows, links = (int(str(n)) for n in numbers)
        digest, failure = bytes.fromhex(str(data.get("result_digest"))), str(data.get("failure"))
        effort = {name: int(str(data.get(name, 0))) for name in EFFORT}
        return cls(digest, size, rows, links, failure, **effort)


def _read(file: Path) -> dict[str, object]:
    data = parse_canonical_json(file.read_bytes())
    if not isinstance(data, dict):
        raise InputError("任务文件不正确", "malformed job file")
    return dict(data)

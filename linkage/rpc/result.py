"""The result of a round: its canonical bytes, and their sealed form for the requester (design §3.6).

Only anchors that survived a plan appear, and only links of populations the plan asks for positively. No scores, no
counts of what did not match. Canonical bytes are canonical JSON:
{format, warrant_digest, upload_keys: {population: base64}, models: {model: [[anchor, verdict, [[population, grade,
position, payload base64], …]], …]}}, rows by anchor, links by population, grade, position.

Sealed form: b"linkage/v1/sealed-result\\0" ‖ u32 number of segments ‖ per segment u32 length ‖ HPKE-sealed part of
the canonical bytes. Integers are big-endian. A segment's HPKE info is b"linkage/v1/result\\0" ‖ warrant digest ‖ u32
index ‖ u32 number, so no segment can be dropped, swapped or moved to another round.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, Self

from linkage.encoded import PAYLOAD_SEALED_BYTES, Grade
from linkage.errors import InputError, TransportError
from linkage.keys.canonical import JSON, canonical_json, encode_base64, parse_base64, parse_canonical_json
from linkage.keys.sealing import RecipientKey, RecipientPublic

FORMAT: Final = "linkage/v1/result"
SEALED_MARKER: Final = b"linkage/v1/sealed-result\0"
SEGMENT_BYTES: Final = 32 << 20
MAX_SEGMENTS: Final = 4096
U32: Final = struct.Struct(">I")
SurvivingVerdict = Literal["yes", "cannot-tell"]
GRADES: Final = frozenset("ABCDE")


@dataclass(frozen=True, slots=True, order=True)
class ResultLink:
    """Link an anchor to row `position` of the register upload `population`; `payload` is b"" or sealed bytes."""

    population: str
    grade: str
    position: int
    payload: bytes = b""

    def __post_init__(self) -> None:
        if self.grade not in GRADES or self.position < 0 or len(self.payload) not in (0, PAYLOAD_SEALED_BYTES):
            raise InputError("结果中的匹配不正确", "malformed link in a result")

    @property
    def grade_value(self) -> Grade:
        return Grade[self.grade]


@dataclass(frozen=True, slots=True)
class ResultRow:
    """State what one model's plan says of the anchor at row `anchor` of the requester's upload."""

    model: str
    anchor: int
    verdict: SurvivingVerdict
    links: tuple[ResultLink, ...] = ()

    def __post_init__(self) -> None:
        if self.verdict not in ("yes", "cannot-tell") or self.anchor < 0:
            raise InputError("结果行不正确", "malformed row in a result")


@dataclass(frozen=True, slots=True)
class RoundResult:
    """Everything the requester gets. Rows and links are kept sorted, so equal results have equal bytes."""

    warrant_digest: bytes
    upload_keys: Mapping[str, bytes]
    rows: tuple[ResultRow, ...]

    def __post_init__(self) -> None:
        if len(self.warrant_digest) != 32:
            raise InputError("委托书摘要应为 32 字节", "a warrant digest has 32 bytes")
        tidy = (ResultRow(r.model, r.anchor, r.verdict, tuple(sorted(r.links))) for r in self.rows)
        object.__setattr__(self, "rows", tuple(sorted(tidy, key=lambda r: (r.model, r.anchor))))
        if len({(r.model, r.anchor) for r in self.rows}) != len(self.rows):
            raise InputError("结果中同一模型同一行出现两次", "a model names one anchor twice in a result")

    def to_bytes(self) -> bytes:
        """Return the canonical JSON."""
        models: dict[str, list[JSON]] = {}
        for row in self.rows:
            models.setdefault(row.model, []).append([row.anchor, row.verdict, [_link_json(x) for x in row.links]])
        keys: dict[str, JSON] = {name: encode_base64(key) for name, key in self.upload_keys.items()}
        return canonical_json(
            {"format": FORMAT, "warrant_digest": self.warrant_digest.hex(), "upload_keys": keys, "models": models}
        )

    @property
    def digest(self) -> bytes:
        """Return the SHA-256 of the canonical bytes."""
        return hashlib.sha256(self.to_bytes()).digest()

    @classmethod
    def from_bytes(cls, body: bytes) -> Self:
        """Read canonical bytes. Raises InputError for anything else."""
        data = parse_canonical_json(body)
        try:
            if not isinstance(data, dict) or data["format"] != FORMAT:
                raise ValueError
            keys = {str(k): parse_base64(str(v)) for k, v in _table(data["upload_keys"]).items()}
            rows = tuple(_row(model, r) for model, found in _table(data["models"]).items() for r in _list(found))
            result = cls(bytes.fromhex(str(data["warrant_digest"])), keys, rows)
        except (KeyError, ValueError, TypeError, IndexError):
            raise InputError("结果格式不正确", "malformed result") from None
        if result.to_bytes() != body:
            raise InputError("结果不是规范格式", "the result is not in canonical form")
        return result


def seal_result(result: RoundResult, recipient: RecipientPublic, *, segment_bytes: int = SEGMENT_BYTES) -> bytes:
    """Seal to the requester, in numbered segments of at most `segment_bytes` plain bytes."""
    body = result.to_bytes()
    parts = [body[i : i + segment_bytes] for i in range(0, len(body), segment_bytes)]
    sealed = [
        recipient.seal(part, info=_info(result.warrant_digest, index, len(parts))) for index, part in enumerate(parts)
    ]
    return SEALED_MARKER + U32.pack(len(parts)) + b"".join(U32.pack(len(s)) + s for s in sealed)


def open_result(sealed: bytes, key: RecipientKey, *, warrant_digest: bytes) -> RoundResult:
    """Open and parse. Raises TransportError for a damaged form, KeyMaterialError when it is not ours."""
    segments = _segments(sealed)
    body = b"".join(
        key.open(part, info=_info(warrant_digest, index, len(segments))) for index, part in enumerate(segments)
    )
    result = RoundResult.from_bytes(body)
    if result.warrant_digest != warrant_digest:
        raise TransportError("结果属于另一份委托书", "the result belongs to another warrant")
    return result


def _info(warrant_digest: bytes, index: int, number: int) -> bytes:
    return b"linkage/v1/result\0" + warrant_digest + U32.pack(index) + U32.pack(number)


def _segments(sealed: bytes) -> Sequence[bytes]:
    damaged = TransportError("结果文件损坏或不完整", "the sealed result is damaged or cut short")
    at = len(SEALED_MARKER) + U32.size
    if not sealed.startswith(SEALED_MARKER) or len(sealed) < at:
        raise damaged
    number = U32.unpack_from(sealed, len(SEALED_MARKER))[0]
    if not 1 <= number <= MAX_SEGMENTS:
        raise damaged
    found = []
    for _ in range(number):
        if len(sealed) < at + U32.size:
            raise damaged
        length = U32.unpack_from(sealed, at)[0]
        found.append(sealed[at + U32.size : at + U32.size + length])
        at += U32.size + length
    if at != len(sealed):
        raise damaged
    return found


def _link_json(link: ResultLink) -> JSON:
    return [link.population, link.grade, link.position, encode_base64(link.payload)]


def _row(model: str, data: JSON) -> ResultRow:
    anchor, verdict, links = _list(data)
    if isinstance(anchor, bool) or not isinstance(anchor, int) or verdict not in ("yes", "cannot-tell"):
        raise ValueError
    return ResultRow(model, anchor, verdict, tuple(_link(x) for x in _list(links)))  # type: ignore[arg-type]


def _link(data: JSON) -> ResultLink:
    population, grade, position, payload = _list(data)
    if isinstance(position, bool) or not isinstance(position, int) or not isinstance(population, str):
        raise ValueError
    return ResultLink(population, str(grade), position, parse_base64(str(payload)))


def _table(data: JSON) -> Mapping[str, JSON]:
    if not isinstance(data, dict):
        raise ValueError
    return data


def _list(data: JSON) -> Sequence[JSON]:
    if not isinstance(data, list):
        raise ValueError
    return data

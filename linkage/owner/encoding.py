"""From rows to a spool file: encode in chunks, shuffle secretly, seal payloads at their final place.

Memory is bounded by construction: rows pass through in chunks, the shuffle gathers row by row with positioned reads,
and only 8 payload bytes, one reference and one number per row are held. Plain payloads never touch the disk.
"""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import chain, islice
from typing import BinaryIO, Final

import numpy as np
import numpy.typing as npt

from linkage.encode.absences import Absences
from linkage.encode.in_order import in_order
from linkage.encode.payload import Payload, pack_payload, seal_payloads
from linkage.encode.raw_rows import RawChunk, encode_raw
from linkage.encode.rows import RowEncoder
from linkage.encoded import PAYLOAD_PLAIN_BYTES, RowLayout
from linkage.errors import LimitError
from linkage.keys.files import sync_folder
from linkage.normalise.person import Person, RawPerson
from linkage.owner.choice import OwnerRow, OwnerRows
from linkage.owner.padding import blocks_to_copy, make_dummies, padded_rows, steady_bytes
from linkage.owner.positions import References, write_positions
from linkage.owner.progress import Meter, Report, report_nothing
from linkage.owner.spool import SpoolPlace
from linkage.schema import EncodingSchema
from linkage.warrant import PopulationSpec

CHUNK_ROWS: Final = 8192
FINISHERS: Final = 2  # Threads beside the one that reads; a chunk more than they are is held.
UPLOAD_KEY_BYTES: Final = 32
RandomBytes = Callable[[int], bytes]
Encoded = tuple[list[OwnerRow], npt.NDArray[np.void], npt.NDArray[np.bool_]]


class EncodingStopped(Exception):
    """The caller no longer wants the rows: the round ended, or the program stops. Nothing half-done is kept."""


@dataclass(frozen=True, slots=True, repr=False)
class EncodingJob:
    """Everything about one population but its rows. `upload_key` is 32 bytes, or b"" without payload."""

    schema: EncodingSchema
    encoder: RowEncoder
    spec: PopulationSpec
    warrant_digest: bytes
    max_rows: int
    place: SpoolPlace
    upload_key: bytes = b""

    @property
    def layout(self) -> RowLayout:
        return self.schema.layout(self.spec.payload)

    @property
    def filling(self) -> str:
        """Return the name under which missing tokens are filled in: one for all registers of an owner.

        A person in two of its populations would else show which tokens are real: those that recur. Anchors are linked
        to registers, also to the owner's own, so they have a name apart.
        """
        return f"anchors/{self.spec.id}" if self.spec.anchor else f"registers/{self.spec.owner}"

    @property
    def payload_aad(self) -> bytes:
        """Return the payload's associated data: warrant digest, then the population id."""
        return self.warrant_digest + self.spec.id.encode()


@dataclass(frozen=True, slots=True)
class SpoolFacts:
    """What BeginUpload states about a finished spool file. `content_digest` is its SHA-256."""

    rows: int
    row_bytes: int
    content_digest: bytes
    left_out: int  # Rows that say too little to be encoded safely.
    dummies: int = 0  # Rows about nobody, among `rows`.


def upload_key_info(warrant_digest: bytes, population: str) -> bytes:
    """Return the HPKE info under which an upload key is sealed to the requester."""
    return b"linkage/v1/upload-key\0" + warrant_digest + population.encode()


def shuffled_order(rows: int, random_bytes: RandomBytes) -> npt.NDArray[np.int64]:
    """Return a secret random permutation: position p of the upload is row order[p] of the register.

    Sorting 64 fresh random bits per row: unlike a seeded generator, no state exists from which it could be found again.
    """
    draws = np.frombuffer(random_bytes(8 * rows), np.uint64)
    return np.argsort(draws, kind="stable").astype(np.int64)


def encode_population(
    source: OwnerRows,
    job: EncodingJob,
    *,
    random_bytes: RandomBytes,
    clock: Callable[[], float],
    report: Report = report_nothing,
    is_wanted: Callable[[], bool] = lambda: True,
) -> SpoolFacts:
    """Write the upload and its position map; both are complete and durable when this returns.

    Raises LimitError for more rows than the warrant allows, EncodingStopped when `is_wanted` says no.
    """
    place = job.place
    key = place.prepare(random_bytes)
    refs, plain, left_out = References(), bytearray(), 0
    absences = Absences(job.schema, job.encoder.round_key, job.filling)
    try:
        meter = Meter("encode", source.expected, report=report, clock=clock)
        with place.gathering.open("wb") as target:
            found = _encoded(_chunks(source.rows, is_wanted), job, source.as_of)
            jobs = (partial(_finish, one, job.schema, absences) for one in found)
            for (chunk, encoded, known), usable in in_order(jobs, FINISHERS):
                if len(refs) + int(known.sum()) > job.max_rows:
                    raise LimitError(
                        f"群体 {job.spec.id} 超过委托书的 {job.max_rows} 行",
                        f"population {job.spec.id} has more than the warrant's {job.max_rows} rows",
                    )
                kept = [row for row, good in zip(chunk, usable, strict=True) if good]
                left_out += int(known.sum()) - len(kept)
                target.write(encoded[usable].tobytes())
                plain += _plain_payloads(kept, job)
                for row in kept:
                    refs.add(row.ref)
                meter.at(len(refs) + left_out)
        meter.end(len(refs) + left_out)
        dummies = _pad(job, source.bucket, refs, plain)
        order = shuffled_order(len(refs), random_bytes)
        with place.part(place.map).open("wb") as target:
            write_positions(target, refs, order, key=key, aad=place.aad)
            _sync(target)
        meter = Meter("shuffle", len(refs), report=report, clock=clock)
        digest = _shuffle(job, order, plain, meter=meter, is_wanted=is_wanted)
        # The map first: a spool file without its map would be an upload nobody can ever ask about.
        os.replace(place.part(place.map), place.map)
        os.replace(place.part(place.rows), place.rows)
        sync_folder(place.folder)
        return SpoolFacts(len(refs), job.layout.row_bytes, digest, left_out, dummies)
    finally:
        place.gathering.unlink(missing_ok=True)
        place.part(place.rows).unlink(missing_ok=True)


def _chunks(rows: Iterable[OwnerRow], is_wanted: Callable[[], bool]) -> Iterator[list[OwnerRow]]:
    source = iter(rows)
    while True:
        if not is_wanted():
            raise EncodingStopped
        chunk = list(islice(source, CHUNK_ROWS))
        if not chunk:
            return
        yield chunk


def _encoded(chunks: Iterator[list[OwnerRow]], job: EncodingJob, as_of: date | None) -> Iterator[Encoded]:
    """Yield every chunk, its encoded rows, and which of them say who they are about."""
    first = next(chunks, None)
    if first is None:
        return
    whole = chain((first,), chunks)
    if isinstance(first[0].person, RawPerson):
        yield from _encoded_raw(whole, job, as_of)
        return
    for chunk in whole:
        people = [row.person for row in chunk if isinstance(row.person, Person)]
        contexts, scopes = _beside(chunk, job.spec)
        rows = job.encoder.encode(people, contexts=contexts, scopes=scopes, payload=job.spec.payload)
        yield chunk, rows, np.ones(len(chunk), np.bool_)


def _encoded_raw(chunks: Iterator[list[OwnerRow]], job: EncodingJob, as_of: date | None) -> Iterator[Encoded]:
    if as_of is None:
        raise ValueError("rows as read need the register's day")
    under_way: deque[list[OwnerRow]] = deque()

    def raw() -> Iterator[RawChunk]:
        for chunk in chunks:
            under_way.append(chunk)
            persons = [row.person for row in chunk if isinstance(row.person, RawPerson)]
            yield RawChunk(persons, *_beside(chunk, job.spec))

    for done in encode_raw(raw(), job.encoder, as_of=as_of, payload=job.spec.payload):
        yield under_way.popleft(), done.rows, done.known


def _finish(encoded: Encoded, schema: EncodingSchema, absences: Absences) -> tuple[Encoded, npt.NDArray[np.bool_]]:
    """Bring a chunk's rows into the form in which they may leave; tell which of them may."""
    _, rows, known = encoded
    usable = _drop_sparse(rows, schema) & known
    absences.fill(rows)
    return encoded, usable


def _beside(chunk: Sequence[OwnerRow], spec: PopulationSpec) -> tuple[list[str], list[int]]:
    """Return the contexts and the scopes of a chunk, empty where the population has none."""
    contexts = [row.context for row in chunk] if spec.context else []
    return contexts, [row.scope for row in chunk] if spec.anchor else []


def _drop_sparse(rows: npt.NDArray[np.void], schema: EncodingSchema) -> npt.NDArray[np.bool_]:
    """Empty the filters that may not leave; tell which rows may.

    A filter outside the schema's popcount window is an attack in the coordinator's eyes and ends the round; it comes
    from rows that say almost nothing. Such a row keeps its tokens only, and is left out when it has none.
    """
    low, high = schema.filter_popcount
    words = np.ascontiguousarray(rows["filter"]).view(np.uint64)
    ones = np.bitwise_count(words).sum(axis=1, dtype=np.int64)
    sparse = (ones < low) | (ones > high)
    rows["filter"][sparse] = 0
    rows["flags"][sparse] = 0
    usable: npt.NDArray[np.bool_] = ~sparse
    usable[sparse] = rows["tokens"][sparse].any(axis=(1, 2))
    return usable


def _plain_payloads(chunk: Sequence[OwnerRow], job: EncodingJob) -> bytes:
    if not job.spec.payload:
        return b""
    return b"".join(pack_payload(row.payload or Payload(), job.schema.tags) for row in chunk)


def _pad(job: EncodingJob, bucket: int, refs: References, plain: bytearray) -> int:
    """Append dummy rows up to the next step; their reference is empty. Return how many."""
    real, layout = len(refs), job.layout
    # The same ones at every attempt: else a second one would show which rows are not dummies.
    random_bytes = steady_bytes(job.encoder.round_key.derive(f"dummies/{job.spec.id}"))
    dummies = padded_rows(real, bucket=bucket, most=job.max_rows) - real
    with job.place.gathering.open("r+b") as file:
        for first, count in blocks_to_copy(real, dummies, random_bytes):
            file.seek(first * layout.row_bytes)
            rows = np.frombuffer(file.read(count * layout.row_bytes), layout.dtype)
            file.seek(0, os.SEEK_END)
            file.write(make_dummies(rows, random_bytes).tobytes())
            for _ in range(count):
                refs.add(b"")
    if job.spec.payload:
        plain += pack_payload(Payload(dummy=True), job.schema.tags) * dummies
    return dummies


def _shuffle(
    job: EncodingJob,
    order: npt.NDArray[np.int64],
    plain: bytearray,
    *,
    meter: Meter,
    is_wanted: Callable[[], bool],
) -> bytes:
    """Write the rows in their secret order with sealed payloads; return the file's SHA-256."""
    layout, digest = job.layout, hashlib.sha256()
    payloads = np.frombuffer(bytes(plain), np.uint8).reshape(-1, PAYLOAD_PLAIN_BYTES)
    with job.place.gathering.open("rb") as source, job.place.part(job.place.rows).open("wb") as target:
        for start in range(0, len(order), CHUNK_ROWS):
            if not is_wanted():
                raise EncodingStopped
            wanted = order[start : start + CHUNK_ROWS]
            block = _gather(source, wanted, layout.row_bytes).view(layout.dtype).reshape(-1)
            if job.spec.payload:
                block["payload"] = seal_payloads(
                    job.upload_key, payloads[wanted], first_position=start, aad=job.payload_aad
                )
            content = block.tobytes()
            digest.update(content)
            target.write(content)
            meter.at(start + len(wanted))
        _sync(target)
    meter.end(len(order))
    return digest.digest()


def _gather(source: BinaryIO, wanted: npt.NDArray[np.int64], width: int) -> npt.NDArray[np.uint8]:
    """Read rows by number. A mapping would hold sixteen pages around each of them, in one block all of the file."""
    file = source.fileno()
    rows = bytearray().join(os.pread(file, width, row * width) for row in wanted.tolist())
    return np.frombuffer(rows, np.uint8).reshape(-1, width)


def _sync(target: BinaryIO) -> None:
    target.flush()
    os.fsync(target.fileno())

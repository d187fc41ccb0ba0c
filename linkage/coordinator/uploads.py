"""Take uploads: begin, offset, append, seal; nothing is acknowledged that a crash could take back (security §5, §8).

* Every owner of a round must state the same warrant, schema, round check value and golden digest as the first one did;
  otherwise the round fails, naming both, before a row is accepted.
* A chunk goes to the spool file, is synced, and only then is the new offset committed. A restart continues there.
* A chunk held already is accepted again when its digest fits; a sealed upload takes its own digest only.
* An upload too big or too small for the warrant's limits fails the round too: it could never end well.
* Sealing checks the content digest and every filter's popcount, splits columns, and moves the round on.
"""

from __future__ import annotations

import hashlib
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import sqlalchemy as sa

from linkage.coordinator import spool
from linkage.coordinator.intake import round_of_owner
from linkage.coordinator.records import StoredRound, Upload, find_upload, put_upload, set_progress, uploads_of
from linkage.coordinator.round import Failed, Sealed, State
from linkage.coordinator.steps import Step
from linkage.coordinator.tables import ROUNDS
from linkage.coordinator.unit import Unit
from linkage.encoded import RowLayout
from linkage.errors import EncodingError, LimitError, LinkageError, NotFoundError, RoundStateError, UploadError
from linkage.keys.canonical import JSON
from linkage.rpc.identity import Caller
from linkage.rpc.limits import CONTENT_BYTES
from linkage.rpc.v1 import linkage_pb2 as pb
from linkage.warrant import PopulationSpec

MAX_SEALED_KEY = 4096
CHECK_VALUE_BYTES = 8
GOLDEN_BYTES = 32
AT_ONCE = 4  # Enough to keep a disk busy.


class Slots:
    """One lock per upload: chunks of one population are taken one at a time, different ones side by side.

    However many parties upload, AT_ONCE chunks are on their way to the disk and one upload is being sealed; the others
    wait here, so that short calls find disk and processor free.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._locks: dict[tuple[str, str], threading.Lock] = {}
        self._writing = threading.Semaphore(AT_ONCE)
        self._sealing = threading.Semaphore(1)

    @contextmanager
    def hold(self, round_id: str, population: str, *, sealing: bool = False) -> Iterator[None]:
        with self._guard:
            lock = self._locks.setdefault((round_id, population), threading.Lock())
        with lock, self._sealing if sealing else self._writing:
            yield

    def forget(self, round_id: str) -> None:
        with self._guard:
            for key in [k for k in self._locks if k[0] == round_id]:
                del self._locks[key]


def begin(unit: Unit, caller: Caller, request: pb.BeginUploadRequest) -> Upload:
    """Open or resume an upload. Raises what is wrong; a mismatch of keys or encoders fails the round first."""
    with unit.step() as step:
        stored, spec = _own_population(step.connection, caller, request.round_id, request.population)
        mismatch = _mismatch(stored, caller, request) or _wrong_size(stored, spec, request.rows)
        known = find_upload(step.connection, request.round_id, request.population)
        if mismatch is None:
            wanted = _wanted(unit, stored, spec, request)
            if known is not None and (known.sealed or _same(known, wanted)):
                return _resume(unit, step, stored, caller=caller, known=known, wanted=wanted)
            _require_collecting(stored)
            _check_room(unit, step, wanted)
            _open(unit, step, stored, caller=caller, wanted=wanted, request=request)
            return wanted
        _require_collecting(stored)
        step.note_call(caller, "upload.mismatch", {"round": stored.round.id, "reason": mismatch.en})
        unit.move(step, stored, Failed(str(mismatch), caller.id))
    raise mismatch


def _own_population(
    connection: sa.Connection, caller: Caller, round_id: str, population: str
) -> tuple[StoredRound, PopulationSpec]:
    stored = round_of_owner(connection, round_id, caller)
    for spec in stored.warrant.populations:
        if spec.id == population and spec.owner == caller.id:
            return stored, spec
    raise NotFoundError("本单位在这个轮次里没有这个群体", "the caller has no such population in this round")


def _require_collecting(stored: StoredRound) -> None:
    if stored.round.state is not State.COLLECTING:
        raise RoundStateError(
            f"轮次处于 {stored.round.state}，现在不收数据 {stored.round.reason}".rstrip(),
            f"the round is {stored.round.state}: uploads are not open {stored.round.reason}".rstrip(),
        )


def _mismatch(stored: StoredRound, caller: Caller, request: pb.BeginUploadRequest) -> EncodingError | None:
    if len(request.round_check_value) != CHECK_VALUE_BYTES or len(request.golden_digest) != GOLDEN_BYTES:
        raise EncodingError("核对值或样例摘要长度不对", "check value or golden digest has a wrong length")
    us, first = caller.id, stored.check_party
    if request.warrant_digest != stored.round.warrant_digest:
        return EncodingError(f"{us} 按另一份委托书编码", f"{us} encodes for another warrant")
    if request.schema_digest.hex() != stored.warrant.schema_digest:
        return EncodingError(f"{us} 用另一个编码方案", f"{us} encodes with another schema")
    if first and request.round_check_value != stored.check_value:
        return EncodingError(
            f"{first} 与 {us} 的轮次密钥不同：链接密钥或随机数不一致",
            f"{first} and {us} hold different round keys: their linkage secrets or nonces differ",
        )
    if first and request.golden_digest != stored.golden_digest:
        return EncodingError(
            f"{first} 与 {us} 的编码程序结果不同：版本不一致", f"the encoders of {first} and {us} differ"
        )
    return None


def _wrong_size(stored: StoredRound, spec: PopulationSpec, rows: int) -> LimitError | None:
    limits = stored.warrant.limits
    least = limits.min_anchor_rows if spec.anchor else limits.min_register_rows
    if rows > limits.max_rows:
        return LimitError(f"{spec.id} 最多 {limits.max_rows} 行", f"{spec.id} may have {limits.max_rows} rows at most")
    # People who entered or left a list since last time may well be few, so a change is not held to the least size.
    if rows < least and not spec.change:
        return LimitError(f"{spec.id} 少于 {least} 行，不得参与", f"{spec.id} has fewer than {least} rows")
    return None


def _wanted(unit: Unit, stored: StoredRound, spec: PopulationSpec, request: pb.BeginUploadRequest) -> Upload:
    layout = _layout(unit, stored, spec)
    if request.row_bytes != layout.row_bytes:
        raise UploadError(f"行宽应为 {layout.row_bytes} 字节", f"a row must have {layout.row_bytes} bytes")
    if len(request.content_digest) != 32:
        raise UploadError("内容摘要应为 32 字节", "a content digest has 32 bytes")
    if bool(request.sealed_upload_key) != spec.payload or len(request.sealed_upload_key) > MAX_SEALED_KEY:
        raise UploadError("上传密钥与委托书不符", "the sealed upload key does not fit the warrant")
    return Upload(
        round_id=stored.round.id,
        population=spec.id,
        owner=spec.owner,
        rows=request.rows,
        row_bytes=request.row_bytes,
        content_digest=request.content_digest,
        sealed_upload_key=request.sealed_upload_key,
    )


def _layout(unit: Unit, stored: StoredRound, spec: PopulationSpec) -> RowLayout:
    return unit.schema_of(stored.warrant.schema_id).layout(spec.payload)


def _same(known: Upload, wanted: Upload) -> bool:
    return (known.rows, known.row_bytes, known.content_digest, known.sealed_upload_key) == (
        wanted.rows,
        wanted.row_bytes,
        wanted.content_digest,
        wanted.sealed_upload_key,
    )


def _resume(unit: Unit, step: Step, stored: StoredRound, *, caller: Caller, known: Upload, wanted: Upload) -> Upload:
    if not known.sealed:
        _require_collecting(stored)
    if known.sealed and known.content_digest != wanted.content_digest:
        raise UploadError("该群体已封存，不接受另一份数据", "this upload is sealed; other content is refused")
    facts: dict[str, JSON] = {"round": known.round_id, "population": known.population, "offset": known.offset}
    step.note_call(caller, "upload.resumed", facts)
    if not known.sealed and spool.held(unit.folder(known.round_id), known.population) < known.offset:
        # The file was lost, with a restored backup perhaps: start again rather than seal a hole.
        spool.prepare(unit.folder(known.round_id), known.population)
        set_progress(step.connection, known, offset=0)
        return replace(known, offset=0)
    return known


def _check_room(unit: Unit, step: Step, wanted: Upload) -> None:
    quotas = unit.config.quotas
    others = sum(u.total for u in uploads_of(step.connection, wanted.round_id) if u.population != wanted.population)
    if others + wanted.total > quotas.max_round_bytes:
        raise LimitError("轮次数据总量超限", f"a round may hold {quotas.max_round_bytes} bytes at most")
    unit.config.rounds.mkdir(parents=True, exist_ok=True)
    # Twice: the rows as they come and, for a moment beside them, their columns.
    if shutil.disk_usage(unit.config.rounds).free < 2 * wanted.total + quotas.free_bytes:
        raise LimitError("链接单元磁盘空间不足", "the coordinator's disk has no room for this upload")


def _open(
    unit: Unit,
    step: Step,
    stored: StoredRound,
    *,
    caller: Caller,
    wanted: Upload,
    request: pb.BeginUploadRequest,
) -> None:
    facts: dict[str, JSON] = {
        "round": wanted.round_id,
        "population": wanted.population,
        "rows": wanted.rows,
        "content": wanted.content_digest.hex(),
    }
    step.note_call(caller, "upload.begun", facts)
    spool.prepare(unit.folder(wanted.round_id), wanted.population)
    put_upload(step.connection, wanted)
    if not stored.check_party:
        step.connection.execute(
            ROUNDS.update()
            .where(ROUNDS.c.id == stored.round.id)
            .values(check_value=request.round_check_value, golden_digest=request.golden_digest, check_party=caller.id)
        )


def find(unit: Unit, caller: Caller, round_id: str, population: str) -> Upload:
    """Return the caller's upload as far as it is held. Raises NotFoundError."""
    with unit.store.reading() as connection:
        _own_population(connection, caller, round_id, population)
        unit.note_call(caller, "upload.asked", {"round": round_id, "population": population})
        return _begun(connection, round_id, population)


def _begun(connection: sa.Connection, round_id: str, population: str) -> Upload:
    found = find_upload(connection, round_id, population)
    if found is None:
        raise NotFoundError("上传尚未开始", "this upload has not begun")
    return found


def append(unit: Unit, slots: Slots, caller: Caller, request: pb.AppendChunkRequest) -> Upload:
    """Hold one more chunk, durably, and return the new offset."""
    if not 0 < len(request.data) <= CONTENT_BYTES:
        raise LimitError("分块应为 1 字节到 1 MiB", "a chunk has 1 byte to 1 MiB")
    if hashlib.sha256(request.data).digest() != request.digest:
        raise UploadError("分块摘要不符", "the chunk does not have its digest")
    round_id, population = request.round_id, request.population
    with slots.hold(round_id, population):
        with unit.store.reading() as connection:
            stored, _ = _own_population(connection, caller, round_id, population)
            upload = _begun(connection, round_id, population)
            if not upload.sealed:
                _require_collecting(stored)
        if _is_replay(unit, upload, request):
            unit.note_call(caller, "upload.chunk-again", {"round": round_id, "population": population})
            return upload
        spool.write_chunk(unit.folder(round_id), population, request.offset, request.data)
        with unit.step() as step:
            _require_collecting(_own_population(step.connection, caller, round_id, population)[0])
            offset = request.offset + len(request.data)
            facts: dict[str, JSON] = {
                "round": round_id,
                "population": population,
                "offset": offset,
                "chunk": request.digest.hex(),
            }
            step.note_call(caller, "upload.chunk", facts)
            set_progress(step.connection, upload, offset=offset)
        return replace(upload, offset=offset)


def _is_replay(unit: Unit, upload: Upload, request: pb.AppendChunkRequest) -> bool:
    end = request.offset + len(request.data)
    if end <= upload.offset:
        if upload.sealed:
            raise UploadError("该群体已封存", "this upload is sealed")
        if spool.chunk_digest(unit.folder(upload.round_id), upload.population, request.offset, len(request.data)) == (
            request.digest
        ):
            return True
        raise UploadError("该位置已有另一段数据", "other bytes are held at this offset")
    if request.offset != upload.offset:
        raise UploadError(
            f"应从 {upload.offset} 继续，收到 {request.offset}",
            f"expected offset {upload.offset}, got {request.offset}",
        )
    if end > upload.total:
        raise UploadError(f"超出声明的 {upload.total} 字节", f"beyond the {upload.total} bytes announced")
    return False


def seal(unit: Unit, slots: Slots, caller: Caller, request: pb.SealUploadRequest) -> Upload:
    """Close an upload after checking all of it. Bad rows fail the round; a wrong digest starts the upload again."""
    with slots.hold(request.round_id, request.population, sealing=True):
        with unit.store.reading() as connection:
            stored, spec = _own_population(connection, caller, request.round_id, request.population)
            upload = _begun(connection, request.round_id, request.population)
            if request.content_digest != upload.content_digest:
                raise UploadError("封存摘要与开始时声明的不符", "sealed with another digest than announced")
            if upload.sealed:
                unit.note_call(caller, "upload.sealed-again", {"round": upload.round_id, "population": spec.id})
                return upload
            _require_collecting(stored)
        if upload.offset != upload.total:
            raise UploadError(
                f"只收到 {upload.offset} / {upload.total} 字节", f"{upload.offset} of {upload.total} bytes are held"
            )
        refusal = _check_content(unit, caller, upload, _layout(unit, stored, spec))
        if refusal is not None:
            raise refusal
        spool.split(unit.folder(upload.round_id), upload.population, _layout(unit, stored, spec))
        with unit.step() as step:
            stored = _own_population(step.connection, caller, upload.round_id, upload.population)[0]
            _require_collecting(stored)
            facts: dict[str, JSON] = {"round": upload.round_id, "population": upload.population, "rows": upload.rows}
            step.note_call(caller, "upload.sealed", facts | {"content": upload.content_digest.hex()})
            set_progress(step.connection, upload, offset=upload.offset, sealed=True)
            unit.move(step, stored, Sealed(upload.population))
        spool.drop_spool(unit.folder(upload.round_id), upload.population)
        return replace(upload, sealed=True)


def _check_content(unit: Unit, caller: Caller, upload: Upload, layout: RowLayout) -> LinkageError | None:
    folder = unit.folder(upload.round_id)
    about: dict[str, JSON] = {"round": upload.round_id, "population": upload.population, "rows": upload.rows}
    if spool.content_digest(folder, upload.population) != upload.content_digest:
        with unit.step() as step:
            step.note_call(caller, "upload.digest-mismatch", about)
            spool.prepare(folder, upload.population)
            set_progress(step.connection, upload, offset=0)
        return UploadError("收到的内容与摘要不符，请重新上传", "the content does not have its digest; send it again")
    with unit.store.reading() as connection:
        stored = round_of_owner(connection, upload.round_id, caller)
    window = unit.schema_of(stored.warrant.schema_id).filter_popcount
    faults = spool.count_faults(folder, upload.population, layout, window)
    counts: dict[str, JSON] = {"outside": faults.outside_window, "empty": faults.empty, "repeated": faults.repeated}
    unit.note_call(caller, "upload.checked", {**about, **counts})
    if not faults.outside_window:
        return None
    refusal = UploadError(
        f"{upload.population} 有 {faults.outside_window} 行编码的位数不在 {window[0]}–{window[1]}",
        f"{upload.population}: {faults.outside_window} rows have a filter outside {window[0]}–{window[1]} ones",
    )
    with unit.step() as step:
        stored = round_of_owner(step.connection, upload.round_id, caller)
        _require_collecting(stored)
        unit.move(step, stored, Failed(str(refusal), caller.id))
    return refusal

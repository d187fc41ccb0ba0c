from __future__ import annotations

import errno
import multiprocessing
import os
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from linkage.audit.checkpoint import Checkpoint, origin_of, sign_checkpoint, verify_checkpoint
from linkage.audit.log import CHECKPOINT_EVERY, ENTRIES, NO_LEAF, AuditLog
from linkage.audit.merkle import leaf_hash, verify_consistency, verify_inclusion
from linkage.audit.note import parse_note, verify_cosignature
from linkage.audit.verify import verify_log
from linkage.errors import AuditError
from linkage.keys.signing import SigningKey

KEY, PEER = SigningKey.generate(), SigningKey.generate()
ORIGIN, PEER_ORIGIN = origin_of("county", "mz"), origin_of("county", "jcy")
NOW = datetime(2026, 10, 31, 8, tzinfo=UTC)


def open_log(folder: Path, key: SigningKey = KEY, origin: str = ORIGIN) -> AuditLog:
    return AuditLog.open(folder, origin=origin, signer=key, clock=lambda: NOW)


def fill(log: AuditLog, count: int) -> None:
    for number in range(count):
        log.append("round.step", {"number": number})


def test_receipt_names_index_and_leaf_of_the_line_on_disk(tmp_path: Path) -> None:
    with open_log(tmp_path) as log:
        assert log.last_leaf() == NO_LEAF and log.size() == 0
        log.append("a", {})
        receipt = log.append("b", {"n": 1})
        line = (tmp_path / ENTRIES).read_bytes().split(b"\n")[1]
        assert (receipt.index, receipt.leaf_hash) == (1, leaf_hash(line))
        assert log.last_leaf() == receipt.leaf_hash


def test_closing_signs_and_reopening_goes_on(tmp_path: Path) -> None:
    with open_log(tmp_path) as log:
        fill(log, 3)
    with open_log(tmp_path) as log:
        assert log.append("b", {}).index == 3
    report = verify_log(tmp_path, KEY.verify_key)
    assert (report.entries, report.signed_entries, report.checkpoints, report.fault) == (4, 4, 2, None)


def test_a_checkpoint_is_signed_every_so_many_leaves(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    fill(log, CHECKPOINT_EVERY + 1)
    assert [p.name for p in (tmp_path / "checkpoints").iterdir()] == [f"{CHECKPOINT_EVERY:012d}.note"]
    log.close()


def test_checkpoint_of_an_unchanged_log_is_the_same_text(tmp_path: Path) -> None:
    with open_log(tmp_path) as log:
        fill(log, 2)
        assert log.checkpoint() == log.checkpoint()


def test_a_torn_tail_is_cut_off(tmp_path: Path) -> None:
    with open_log(tmp_path) as log:
        fill(log, 2)
    with (tmp_path / ENTRIES).open("ab") as stream:
        stream.write(b'{"facts":{"half')
    with open_log(tmp_path) as log:
        assert log.append("b", {}).index == 2
    assert verify_log(tmp_path, KEY.verify_key).is_sound


def cut_last(content: bytes) -> bytes:
    return b"\n".join(content.split(b"\n")[:-2]) + b"\n"


def swap_first(content: bytes) -> bytes:
    first, second, rest = content.split(b"\n", 2)
    return b"\n".join((second, first, rest))


@pytest.mark.parametrize(
    "damage", [cut_last, swap_first, lambda c: c.replace(b'"number":0', b'"number":9'), lambda _: b""]
)
def test_a_log_that_contradicts_its_checkpoint_is_not_opened(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    with open_log(tmp_path) as log:
        fill(log, 3)
    path = tmp_path / ENTRIES
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(AuditError):
        open_log(tmp_path)


def test_a_foreign_line_is_not_built_upon(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    fill(log, 2)
    first = (tmp_path / ENTRIES).read_bytes().split(b"\n")[0]
    with (tmp_path / ENTRIES).open("ab") as stream:
        stream.write(first + b"\n")
    with pytest.raises(AuditError, match="another index"):
        log.append("b", {})
    with pytest.raises(AuditError):
        log.append("b", {})


def shorten(path: Path) -> None:
    os.truncate(path, 10)


def exchange(path: Path) -> None:
    (path.parent / "new").write_bytes(path.read_bytes())
    os.replace(path.parent / "new", path)


DAMAGES = [(shorten, "shorter"), (exchange, "exchanged"), (os.unlink, "cannot read")]


@pytest.mark.parametrize(("damage", "reason"), DAMAGES)
def test_a_file_changed_under_an_open_log_is_noticed(
    tmp_path: Path, damage: Callable[[Path], None], reason: str
) -> None:
    log = open_log(tmp_path)
    fill(log, 2)
    damage(tmp_path / ENTRIES)
    with pytest.raises(AuditError, match=reason):
        log.append("b", {})
    with pytest.raises(AuditError, match="reopened"):
        log.append("b", {})


@pytest.mark.parametrize(("function", "next_index"), [("write", 1), ("fdatasync", 2)])
def test_after_a_failed_write_the_log_goes_on_without_a_gap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, function: str, next_index: int
) -> None:
    # A line whose sync failed was written: it stands there, without an answer.
    log = open_log(tmp_path)
    fill(log, 1)
    real_write = os.write

    def fail(descriptor: int, content: bytes = b"") -> int:
        if function == "write":
            real_write(descriptor, content[:7])
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, function, fail)
        with pytest.raises(AuditError, match="No space left"):
            log.append("b", {})
    assert log.append("b", {}).index == next_index
    log.close()
    with open_log(tmp_path) as again:
        assert again.size() == next_index + 1


def test_after_a_failed_sync_the_lines_are_written_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = open_log(tmp_path)
    fill(log, 1)

    def lose(descriptor: int) -> None:
        # As a disk that takes nothing: what was written is gone, though the system believes it is there.
        with (tmp_path / ENTRIES).open("r+b") as file:
            file.seek(durable)
            file.write(bytes((tmp_path / ENTRIES).stat().st_size - durable))
        raise OSError(errno.EIO, "Input/output error")

    durable = (tmp_path / ENTRIES).stat().st_size
    with monkeypatch.context() as patch:
        patch.setattr(os, "fdatasync", lose)
        with pytest.raises(AuditError, match="Input/output error"):
            log.append("b", {})
    assert log.append("c", {}).index == 2
    log.close()
    assert verify_log(tmp_path, KEY.verify_key).fault is None


def test_threads_that_wait_at_one_time_share_a_sync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log, syncs, everybody = open_log(tmp_path), [0], threading.Barrier(9)
    real_sync = os.fdatasync

    def slow_sync(descriptor: int) -> None:
        syncs[0] += 1
        if syncs[0] == 1:
            everybody.wait(20)  # Until all have written their line, or are about to.
            time.sleep(0.2)
        real_sync(descriptor)

    def append(wait: bool) -> None:
        if wait:
            everybody.wait(20)
        log.append("a", {})

    with monkeypatch.context() as patch:
        patch.setattr(os, "fdatasync", slow_sync)
        threads = [threading.Thread(target=append, args=(at > 0,)) for at in range(9)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert (log.size(), syncs[0] < 9) == (9, True)
    log.close()


def test_a_refused_entry_leaves_nothing(tmp_path: Path) -> None:
    with open_log(tmp_path) as log:
        with pytest.raises(AuditError):
            log.append("b", {"Bad": 1})
        assert log.size() == 0


def test_a_closed_log_takes_nothing(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.close()
    log.close()
    with pytest.raises(AuditError):
        log.append("b", {})


def test_threads_share_one_log(tmp_path: Path) -> None:
    with open_log(tmp_path) as log:
        threads = [threading.Thread(target=fill, args=(log, 25)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    report = verify_log(tmp_path, KEY.verify_key)
    assert (report.entries, report.fault) == (100, None)


def test_two_objects_take_turns(tmp_path: Path) -> None:
    with open_log(tmp_path) as one, open_log(tmp_path) as two:
        receipts = [log.append("a", {}) for log in (one, two, two, one)]
        assert [r.index for r in receipts] == [0, 1, 2, 3]
        assert one.last_leaf() == two.last_leaf() == receipts[-1].leaf_hash
        assert one.checkpoint() == two.checkpoint()
    assert verify_log(tmp_path, KEY.verify_key).is_sound


def write_in_process(folder: str, pem: bytes, count: int) -> None:
    with open_log(Path(folder), SigningKey.from_pem(pem)) as log:
        fill(log, count)


def test_processes_share_one_log(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=write_in_process, args=(str(tmp_path), KEY.to_pem(), 40)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    report = verify_log(tmp_path, KEY.verify_key)
    assert [w.exitcode for w in workers] == [0, 0, 0]
    assert (report.entries, report.signed_entries, report.fault) == (120, 120, None)


def test_proofs_fit_the_checkpoints(tmp_path: Path) -> None:
    with open_log(tmp_path) as log:
        fill(log, 5)
        old, _ = verify_checkpoint(log.checkpoint(), origin=ORIGIN, key=KEY.verify_key)
        receipt = log.append("b", {})
        fill(log, 3)
        new, _ = verify_checkpoint(log.checkpoint(), origin=ORIGIN, key=KEY.verify_key)
        path = log.inclusion_proof(receipt.index, new.size)
        verify_inclusion(receipt.leaf_hash, receipt.index, size=new.size, proof=path, root=new.root)
        growth = log.consistency_proof(old.size, new.size)
        verify_consistency(old.root, new.root, old_size=old.size, new_size=new.size, proof=growth)
        with pytest.raises(AuditError):
            log.consistency_proof(1, 100)


def test_parties_witness_each_other(tmp_path: Path) -> None:
    with open_log(tmp_path / "mz") as mine, open_log(tmp_path / "jcy", PEER, PEER_ORIGIN) as peer:
        fill(mine, 3)
        text = mine.checkpoint()
        line = peer.cosign_peer("mz", text, origin=ORIGIN, key=KEY.verify_key)
        assert peer.peer_checkpoint("mz") == text
        kept = mine.add_cosignature(3, line, name=PEER_ORIGIN, key=PEER.verify_key)
        assert mine.add_cosignature(3, line, name=PEER_ORIGIN, key=PEER.verify_key) == kept == mine.checkpoint()
        signatures = parse_note(kept).signatures
        assert len(signatures) == 2
        seconds = verify_cosignature(parse_note(kept), signatures[1], name=PEER_ORIGIN, key=PEER.verify_key)
        assert seconds == int(NOW.timestamp())
        with pytest.raises(AuditError):
            mine.add_cosignature(3, line, name=PEER_ORIGIN, key=KEY.verify_key)
        fill(mine, 4)
        proof = mine.consistency_proof(3, 7)
        peer.store_peer_checkpoint("mz", mine.checkpoint(), origin=ORIGIN, key=KEY.verify_key, proof=proof)
    assert verify_log(tmp_path / "mz", KEY.verify_key).is_sound


ROOT_A, ROOT_B = bytes(32), b"\1" * 32


def peer_note(size: int, root: bytes) -> str:
    return sign_checkpoint(Checkpoint(PEER_ORIGIN, size, root), PEER).to_text()


@pytest.mark.parametrize(
    ("size", "root", "proof"), [(4, ROOT_A, None), (5, ROOT_B, None), (6, ROOT_B, [ROOT_A]), (6, ROOT_B, [])]
)
def test_a_peer_that_rewrote_its_log_is_refused_and_kept_as_evidence(
    tmp_path: Path, size: int, root: bytes, proof: list[bytes] | None
) -> None:
    with open_log(tmp_path) as log:
        first, second = peer_note(5, ROOT_A), peer_note(size, root)
        log.store_peer_checkpoint("jcy", first, origin=PEER_ORIGIN, key=PEER.verify_key)
        with pytest.raises(AuditError):
            log.store_peer_checkpoint("jcy", second, origin=PEER_ORIGIN, key=PEER.verify_key, proof=proof)
        assert log.peer_checkpoint("jcy") == first
    assert (tmp_path / "peers" / "jcy.evidence-1.txt").read_text("utf-8") == f"{first}\n{second}"


@pytest.mark.parametrize(("party", "origin"), [("../jcy", PEER_ORIGIN), ("jcy", ORIGIN), ("", PEER_ORIGIN)])
def test_foreign_peer_checkpoints_are_not_kept(tmp_path: Path, party: str, origin: str) -> None:
    with open_log(tmp_path) as log:
        with pytest.raises(AuditError):
            log.store_peer_checkpoint(party, peer_note(5, ROOT_A), origin=origin, key=PEER.verify_key)
        with pytest.raises(AuditError):
            log.store_peer_checkpoint("jcy", peer_note(5, ROOT_A), origin=PEER_ORIGIN, key=KEY.verify_key)
    assert not (tmp_path / "peers").exists()

"""Programs that are killed on the way: the round goes on where it was and its result is the same, bit for bit.

At the end the agency is revoked instead: its running program is cut off and gets nothing more.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from linkage.demo.parties import COORDINATOR, PROCURATORATE
from linkage.keys.store import load_party_keys
from linkage.rpc.limits import CHUNK_BYTES, require_tls13
from tests.e2e.inside import go_on, is_running, stop_in_mid_match, worker_of
from tests.e2e.parade import Parade, small_county, start_parade
from tests.e2e.recount import content_in, delivered_result, recomputed_result
from tests.e2e.strangers import add_disabled, strangers
from tests.hostile.certificates import Claim, certify, right_claim, wrong_claims
from tests.hostile.conftest import call_raw

pytestmark = pytest.mark.slow
AGENCY, POPULATION, MODEL = "disabled_federation", "disabled", "SX-3"
ROWS = 5600  # Two chunks and a part.
WITHIN = 60.0  # Seconds: what is promised of a revocation.


@pytest.fixture(scope="module")
def parade(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parade]:
    county = small_county(tmp_path_factory.mktemp("county"), (AGENCY,))
    add_disabled(county, strangers(ROWS, seed=1))
    with start_parade(county, tmp_path_factory.mktemp("killed")) as running:
        yield running


def copy_round(parade: Parade, round_id: str, into: Path) -> Path:
    """Copy what the linkage unit holds of a round."""
    shutil.copytree(parade.unit_folder / "rounds" / round_id, into)
    return into


def facts_of(parade: Parade, round_id: str, kind: str, fact: str) -> list[str]:
    """Return one fact of the linkage unit's entries of a kind about the population."""
    found = parade.entries(COORDINATOR, kind, round_id)
    return [str(entry[fact]) for entry in found if entry["population"] == POPULATION]


def require_same_result(parade: Parade, round_id: str, *, earlier: Path, ready: Path) -> None:
    """Hold what the requester took against the columns matched again, here, without any disturbance."""
    key = load_party_keys(parade.running.root / PROCURATORATE).recipient
    delivered = delivered_result(ready, key)
    again = recomputed_result(earlier, key, earlier.parent / "again")
    taken = parade.entries(PROCURATORATE, "result.taken", round_id)
    finished = parade.entries(COORDINATOR, "match.finished", round_id)

    assert len(delivered.rows) > 10
    assert delivered.digest == again.digest
    assert [entry["result"] for entry in taken] == [entry["result"] for entry in finished]
    assert [entry["bytes"] for entry in finished] == [(ready / "result.sealed").stat().st_size]
    assert parade.state(round_id) == "DELIVERED"


@pytest.mark.parametrize("killed", [AGENCY, COORDINATOR])
def test_a_program_killed_in_mid_upload_goes_on_at_what_was_acknowledged(
    parade: Parade, killed: str, tmp_path: Path
) -> None:
    wire = parade.wires[AGENCY]
    wire.hold_after(CHUNK_BYTES + CHUNK_BYTES // 2)
    round_id, waiting = parade.begin(MODEL)
    before = parade.hold_while_uploading(POPULATION, round_id)
    parade.kill(killed)
    wire.cut()
    wire.release()
    parade.running.start_again(killed)
    parade.wait_for_state(round_id, "READY")
    ready = copy_round(parade, round_id, tmp_path / "ready")
    parade.finish(round_id, waiting)

    announced, sealed = (facts_of(parade, round_id, kind, "content") for kind in ("upload.begun", "upload.sealed"))
    resumed, held = (facts_of(parade, round_id, kind, "offset") for kind in ("upload.resumed", "upload.chunk"))
    assert announced == sealed == [before.content.hex()]
    assert content_in(ready, POPULATION) == before.content
    assert resumed and all(int(offset) >= before.offset for offset in resumed)
    assert list(map(int, held)) == sorted(set(map(int, held))), "what was acknowledged was sent again"
    require_same_result(parade, round_id, earlier=ready, ready=ready)
    parade.close(round_id)


def test_a_linkage_unit_killed_in_mid_match_starts_the_match_again(parade: Parade, tmp_path: Path) -> None:
    wire = parade.wires[AGENCY]
    wire.hold_after(CHUNK_BYTES + CHUNK_BYTES // 2)
    round_id, waiting = parade.begin(MODEL)
    parade.hold_while_uploading(POPULATION, round_id)
    unit = parade.running.program(COORDINATOR).process.pid
    wire.release()
    parade.wait(lambda: worker_of(unit) is not None, "a worker runs")
    worker = worker_of(unit)
    assert worker is not None
    stop_in_mid_match(worker)
    try:
        earlier = copy_round(parade, round_id, tmp_path / "matching")
        state = parade.state(round_id)
        parade.kill(COORDINATOR)
        parade.running.start_again(COORDINATOR)
    finally:
        go_on(worker)
    parade.wait_for_state(round_id, "READY")
    ready = copy_round(parade, round_id, tmp_path / "ready")
    parade.finish(round_id, waiting)

    assert state == "MATCHING" and not (earlier / "outcome.json").exists()
    assert len(parade.entries(COORDINATOR, "match.started", round_id)) == 2
    assert len(parade.entries(COORDINATOR, "match.finished", round_id)) == 1
    assert not is_running(worker)
    require_same_result(parade, round_id, earlier=earlier, ready=ready)
    parade.close(round_id)


def ask_with(parade: Parade, claim: Claim, *methods: str) -> set[grpc.StatusCode]:
    """Call the running linkage unit with a certificate of the consortium's authority that claims this."""
    require_tls13()
    key, certificate = certify(parade.running.root / "ceremony" / "ca", claim)
    authority = load_party_keys(parade.running.root / AGENCY).ca_certificate
    credentials = grpc.ssl_channel_credentials(authority, key, certificate)
    with grpc.secure_channel((parade.unit_folder / "endpoint").read_text("utf-8").strip(), credentials) as channel:
        return {call_raw(channel, method, b"", seconds=5.0) for method in methods}


def test_a_wrong_certificate_gets_no_answer_from_the_running_unit(parade: Parade) -> None:
    consortium = load_party_keys(parade.running.root / AGENCY).manifest.consortium
    right = ask_with(parade, right_claim(consortium, AGENCY), "Check")
    wrong = {
        what: ask_with(parade, claim, "Check", "GetRound", "Watch")
        for what, claim in wrong_claims(consortium, AGENCY).items()
    }

    assert right == {grpc.StatusCode.OK}
    refusals = {grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.UNAVAILABLE}  # By the unit, or by TLS before it.
    assert {what for what, found in wrong.items() if not found <= refusals} == set()


def calls_of(parade: Parade, party: str) -> list[str]:
    """Return the kinds of the linkage unit's entries about calls of a party; of a refused one only the reason tells."""
    log = parade.unit_folder / "audit" / "entries.jsonl"
    entries = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    return [e["kind"] for e in entries if e["facts"].get("party") == party or "revoked" in e["facts"].get("reason", "")]


def test_a_revoked_agency_is_cut_off_its_open_stream_and_gets_nothing_more(parade: Parade) -> None:
    ceremony, agency = parade.running.root / "ceremony", parade.running.program(AGENCY)
    public, officer = str(ceremony / "consortium"), str(ceremony / "officer")
    parade.running.linkage("keys", "revoke", public, "--party", AGENCY, "--reason", "drill", "--officer", officer)
    before = len(calls_of(parade, AGENCY))
    parade.running.linkage("keys", "install", str(parade.unit_folder), "--consortium", public)
    agency.wait_for(r"watching: .*revoked", seconds=WITHIN)
    parade.wait(lambda: "call.refused" in calls_of(parade, AGENCY)[before:], "its next call is refused")
    after = calls_of(parade, AGENCY)[before:]
    cut = after.index("call.failed")  # The stream it had open.

    assert agency.running
    assert set(after[cut + 1 :]) == {"call.refused"}

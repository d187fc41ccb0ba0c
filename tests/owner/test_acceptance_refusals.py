"""Each wrong thing is refused before the first row, with words in two languages and an entry in the refuser's log.

Wrong secret, wrong schema, expired warrant, changed warrant, unknown certificate, revoked certificate, wrong role.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from linkage.coordinator.running import Coordinator
from linkage.encode.secret import LinkageSecret
from linkage.errors import EncodingError, LinkageError, PermissionRefused, SignatureError, TransportError, WarrantError
from linkage.keys import revocation
from linkage.keys.consortium_steps import load_ca, load_officer
from linkage.keys.quickstart import PartySpec, quickstart
from linkage.keys.revocation import RevocationList, Revoked, sign_revocations
from linkage.keys.signing import Signed
from linkage.keys.store import PartyKeys, load_party_keys
from linkage.keys.tls import Identity, fingerprint_of, new_request, new_tls_key, sign_request, tls_key_to_pem
from linkage.owner.choice import OwnerRows
from linkage.owner.events import take_event
from linkage.rpc.backoff import Backoff
from linkage.rpc.client import LinkageClient, connect
from linkage.warrant import LABEL_WARRANT, utc_text
from tests.owner.loopback import client_of, running_coordinator, session_of

CHINESE = re.compile("[\u4e00-\u9fff]")


@dataclass(slots=True)
class Bench:
    """A real coordinator, and whatever the test opened with it."""

    town: Any
    kit: Any
    state: Path
    coordinator: Coordinator
    stack: ExitStack = field(default_factory=ExitStack)
    offices: dict[str, Any] = field(default_factory=dict)

    def client(self, keys: PartyKeys) -> LinkageClient:
        endpoint = f"localhost:{self.coordinator.port}"
        return self.stack.enter_context(
            connect(endpoint, keys, last_leaf=lambda: b"", backoff=Backoff(attempts=1, first=0.05))
        )

    def refuses(self, warrant: Any, kind: type[LinkageError]) -> LinkageError:
        """Propose a warrant (or an envelope) as the procuratorate; return the coordinator's refusal."""
        envelope = warrant if isinstance(warrant, bytes) else self.town.signed(warrant)
        with pytest.raises(kind) as caught:
            self.client(self.town.keys("procuratorate")).propose_round(envelope)
        return caught.value

    def end_of_round(self, warrant: Any, offices: dict[str, Any]) -> tuple[str, str]:
        """Run sessions of these offices until the round is over; return who ended it and what every party was told."""
        policies = [office.policy for office in offices.values()]
        self.offices = offices
        for office in offices.values():
            self.stack.enter_context(session_of(office, self.coordinator.port))
        client = self.stack.enter_context(client_of(offices["procuratorate"], self.coordinator.port))
        client.propose_round(self.town.signed(warrant))
        ends = {"REFUSED", "FAILED", "READY"}
        self.kit.wait_for(lambda: all(ends.intersection(policy.states) for policy in policies))
        status = client.get_round(warrant.round_id)
        return status.reason_party, status.reason

    def office(self, party: str, **changes: Any) -> Any:
        return self.kit.replace(self.town.office(party, self.kit.Policy()), **changes)

    def audit(self) -> list[dict[str, Any]]:
        lines = (self.state / "audit" / "entries.jsonl").read_text("utf-8").splitlines()
        return [json.loads(line) for line in lines]

    def rows_held(self) -> int:
        """Return how many bytes of rows the coordinator stores; it may be erasing them just now."""
        held = [Path(folder) / name for folder, _, names in os.walk(self.state / "rounds") for name in names]
        return sum(file.stat().st_size for file in held if file.exists())


def refusals(entries: list[dict[str, Any]], kind: str, **facts: str) -> list[str]:
    """Return the reasons of a log's entries of this kind with these facts."""
    found = [e["facts"] for e in entries if e["kind"] == kind]
    return [f["reason"] for f in found if facts.items() <= f.items()]


def own_entries(office: Any) -> list[dict[str, Any]]:
    return [{"kind": kind, "facts": dict(facts)} for kind, facts in office.trail._log.entries]


def is_clear(text: str) -> bool:
    """Tell whether a text says it in Chinese and then in English."""
    zh, _, en = text.partition(" | ")
    return bool(CHINESE.search(zh)) and en.isascii() and len(en.split()) >= 3


@pytest.fixture
def bench(town: Any, kit: Any, tmp_path: Path) -> Iterator[Bench]:
    town.moment = datetime.now(UTC)
    keys = tmp_path / "coordinator-keys"  # A copy: one test puts a deny-list there.
    shutil.copytree(town.folder / "coordinator" / "keys", keys)
    state = tmp_path / "coordinator"
    with running_coordinator(keys, state) as running, ExitStack() as stack:
        yield Bench(town, kit, state, running, stack)


def test_wrong_secret_is_refused_by_its_owner_when_it_sees_the_warrant(bench: Bench) -> None:
    warrant = bench.town.warrant(now=bench.town.moment)
    other = bench.office("civil", secret=LinkageSecret(os.urandom(32), 1))

    party, reason = bench.end_of_round(
        warrant, {"procuratorate": bench.office("procuratorate"), "disabled": bench.office("disabled"), "civil": other}
    )

    assert (party, bench.rows_held()) == ("civil", 0)
    assert is_clear(reason) and "check value" in reason and "校验值" in reason
    assert any("check value" in r for r in refusals(own_entries(other), "event.rejected", code="warrant"))


def test_wrong_secret_behind_a_right_check_value_is_refused_by_the_coordinator(bench: Bench) -> None:
    secret = LinkageSecret(os.urandom(32), 1)
    secret.kcv = bench.town.keys("civil").manifest.active_epoch.kcv  # It lies.

    def after_the_others(_: object) -> OwnerRows:
        bench.kit.wait_for(lambda: len([e for e in bench.audit() if e["kind"] == "upload.sealed"]) == 2)
        return OwnerRows(bench.kit.people(20))

    liar = bench.office("civil", secret=secret, policy=bench.kit.Policy(source=after_the_others))
    offices = {party: bench.office(party) for party in ("procuratorate", "disabled")} | {"civil": liar}
    party, reason = bench.end_of_round(bench.town.warrant(now=bench.town.moment), offices)

    assert party == "civil" and is_clear(reason) and "different round keys" in reason
    assert any("different round keys" in r for r in refusals(bench.audit(), "upload.mismatch", party="civil"))
    assert "civil" not in {e["facts"]["party"] for e in bench.audit() if e["kind"] == "upload.begun"}
    bench.kit.wait_for(lambda: bench.rows_held() == 0)  # What the others had sent is erased.


def test_wrong_schema_is_refused_by_the_coordinator(bench: Bench) -> None:
    error = bench.refuses(bench.town.warrant(now=bench.town.moment, schema_digest="1" * 64), EncodingError)

    assert is_clear(str(error)) and "schema" in error.en
    assert any("schema" in r for r in refusals(bench.audit(), "call.failed", method="ProposeRound", error="encoding"))
    assert bench.rows_held() == 0


def test_wrong_schema_is_refused_by_an_owner(bench: Bench) -> None:
    warrant = bench.town.warrant(now=bench.town.moment, schema_digest="1" * 64)
    office, unit = bench.office("civil"), bench.kit.FakeUnit()

    bench.kit.run_to_refusal(bench.town, office, unit, warrant)

    assert bench.kit.refusal_sent(unit)[0] == "refuse" and is_clear(bench.kit.refusal_sent(unit)[1])
    assert any("schema" in r for r in refusals(own_entries(office), "event.rejected", event="warrant"))
    assert not unit.begun


def expired(town: Any) -> Any:
    times = {"issued_at": town.moment - timedelta(days=3), "expires_at": town.moment - timedelta(hours=1)}
    return town.warrant(**{name: utc_text(at) for name, at in times.items()})


def test_expired_warrant_is_refused_by_the_coordinator(bench: Bench) -> None:
    error = bench.refuses(expired(bench.town), WarrantError)

    assert is_clear(str(error)) and "expired" in error.en
    assert any("expired" in r for r in refusals(bench.audit(), "call.failed", method="ProposeRound"))
    assert bench.rows_held() == 0


def test_expired_warrant_is_refused_by_an_owner(bench: Bench) -> None:
    office, unit = bench.office("civil"), bench.kit.FakeUnit()

    bench.kit.run_to_refusal(bench.town, office, unit, expired(bench.town))

    assert is_clear(bench.kit.refusal_sent(unit)[1]) and "expired" in bench.kit.refusal_sent(unit)[1]
    assert any("expired" in r for r in refusals(own_entries(office), "event.rejected", event="warrant"))
    assert not unit.begun


def test_a_warrant_that_expires_after_consent_sends_no_row(bench: Bench) -> None:
    town, kit = bench.town, bench.kit
    warrant = town.warrant(now=town.moment)
    office, unit = bench.office("civil"), kit.FakeUnit()
    take_event(office, kit.warrant_event(town, warrant))
    kit.worker(office, unit).work()
    take_event(office, kit.consents_event(town, office, warrant))
    town.moment += timedelta(days=4)

    kit.worker(office, unit).work()

    assert (kit.step_of(office, warrant), unit.begun) == ("ENDED", {})


def changed(town: Any) -> bytes:
    """Return a warrant with another purpose under the old signature."""
    signed = Signed.parse(town.signed(town.warrant(now=town.moment)))
    return replace(signed, body=signed.body.replace("司法".encode(), "执法".encode())).to_json()


def test_changed_warrant_is_refused_by_the_coordinator(bench: Bench) -> None:
    error = bench.refuses(changed(bench.town), SignatureError)

    assert is_clear(str(error))
    assert refusals(bench.audit(), "call.failed", method="ProposeRound", error="signature")
    assert bench.rows_held() == 0


def test_changed_warrant_is_refused_by_an_owner(bench: Bench) -> None:
    office, unit = bench.office("civil"), bench.kit.FakeUnit()
    warrant = bench.town.warrant(now=bench.town.moment)
    envelope = changed(bench.town)

    bench.kit.run_to_refusal(bench.town, office, unit, warrant, envelope=envelope)

    assert refusals(own_entries(office), "event.rejected", event="warrant", code="signature")
    assert not unit.begun and bench.kit.refusal_sent(unit)[0] == "refuse"


def test_another_warrant_under_a_known_round_is_refused_by_the_coordinator(bench: Bench) -> None:
    warrant = bench.town.warrant(now=bench.town.moment)
    bench.client(bench.town.keys("procuratorate")).propose_round(bench.town.signed(warrant))

    error = bench.refuses(replace(warrant, purpose="另一目的"), WarrantError)

    assert is_clear(str(error))
    assert any("another warrant" in r for r in refusals(bench.audit(), "call.failed", error="warrant"))


def certified(town: Any, party: str, role: Any = "agency") -> PartyKeys:
    """Return civil's keys with a fresh certificate of the consortium's own CA for this party."""
    key = new_tls_key()
    certificate = sign_request(
        load_ca(town.folder / "ceremony" / "ca"),
        new_request(key, party=party, role=role),
        Identity("county-test", role, party),
        now=town.moment,
        days=3,
    )
    keys: PartyKeys = replace(town.keys("civil"), tls_key=tls_key_to_pem(key), tls_certificate=certificate)
    return keys


@pytest.mark.parametrize(("party", "role"), [("stranger", "agency"), ("civil", "procuratorate")])
def test_unknown_certificate_is_refused_by_the_coordinator(bench: Bench, party: str, role: str) -> None:
    with pytest.raises(PermissionRefused) as caught:
        bench.client(certified(bench.town, party, role)).propose_round(b"{}")

    assert is_clear(str(caught.value)) and "manifest" in caught.value.en
    assert any("manifest" in r for r in refusals(bench.audit(), "call.refused", method="ProposeRound", party=""))
    assert bench.rows_held() == 0


def test_unknown_certificate_of_another_authority_does_not_connect(bench: Bench, tmp_path: Path) -> None:
    parties = [PartySpec("coordinator", "链接单元", "coordinator"), PartySpec("civil", "民政局", "agency", ("dibao",))]
    out, now = tmp_path / "elsewhere", bench.town.moment
    quickstart(out, consortium="county-test", parties=parties, now=now, random_bytes=os.urandom)
    theirs = load_party_keys(out / "civil")
    known_ca = replace(theirs, ca_certificate=bench.town.keys("civil").ca_certificate)

    with pytest.raises(TransportError) as caught:
        bench.client(known_ca).check()

    assert is_clear(str(caught.value))
    assert not [e for e in bench.audit() if e["kind"].startswith("call")]  # TLS ends it before there is a call.


def test_revoked_certificate_is_refused_by_the_coordinator(bench: Bench) -> None:
    keys = bench.town.keys("civil")
    client = bench.client(keys)
    client.check()
    now = utc_text(bench.town.moment)
    entry = Revoked("", fingerprint_of(keys.tls_certificate), now, "test")
    officer = load_officer(bench.town.folder / "ceremony" / "officer").signing
    text = sign_revocations(RevocationList("county-test", 1, now, (entry,)).to_text(), officer)
    (bench.state / "keys" / revocation.FILE).write_text(text, "utf-8")

    with pytest.raises(PermissionRefused) as caught:
        client.get_round("0" * 32)

    assert is_clear(str(caught.value)) and "revoked" in caught.value.en
    assert any("revoked" in r for r in refusals(bench.audit(), "call.refused", method="GetRound"))
    bench.client(bench.town.keys("disabled")).check()


def test_wrong_role_is_refused_by_the_coordinator(bench: Bench) -> None:
    body = bench.town.warrant(now=bench.town.moment).to_bytes()

    with pytest.raises(PermissionRefused) as caught:
        bench.client(bench.town.keys("civil")).propose_round(bench.town.sign("civil", LABEL_WARRANT, body))

    assert is_clear(str(caught.value)) and "agency" in caught.value.en
    assert any("agency" in r for r in refusals(bench.audit(), "call.refused", method="ProposeRound", party="civil"))
    assert bench.rows_held() == 0


def test_wrong_role_is_refused_by_an_owner(bench: Bench) -> None:
    warrant = bench.town.warrant(now=bench.town.moment)
    office, unit = bench.office("civil"), bench.kit.FakeUnit()

    bench.kit.run_to_refusal(bench.town, office, unit, warrant, envelope=bench.town.signed(warrant, "disabled"))

    assert any("not a procuratorate" in r for r in refusals(own_entries(office), "event.rejected", code="signature"))
    assert is_clear(bench.kit.refusal_sent(unit)[1]) and not unit.begun

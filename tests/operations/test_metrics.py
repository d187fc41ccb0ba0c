from __future__ import annotations

import urllib.request
from collections.abc import Iterator, Mapping

import pytest
import sqlalchemy as sa
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from linkage.errors import AuditError, TransportError
from linkage.keys.canonical import JSON
from linkage.operations.doctor import check_metrics
from linkage.operations.metrics import Meter
from linkage.operations.port import NO_DATABASE, STOPPING, Port, fetch
from linkage.operations.settings import Operations


def values(meter: Meter) -> dict[tuple[str, tuple[str, ...]], float]:
    text = generate_latest(meter.registry).decode()
    return {
        (sample.name, tuple(sorted(sample.labels.values()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_entries_are_counted_by_kind_and_only_once_they_are_written() -> None:
    meter = Meter()
    broken = False

    def append(kind: str, facts: Mapping[str, JSON]) -> str:
        if broken:
            raise AuditError("写不下", "cannot write")
        return "receipt"

    audited = meter.audited(append)
    assert audited("round.state", {"round": "r"}) == "receipt"
    broken = True
    with pytest.raises(AuditError):
        audited("round.state", {"round": "r"})

    found = values(meter)
    assert found["linkage_audit_entries_total", ("round.state",)] == 1
    assert found["linkage_audit_failures_total", ()] == 1
    assert found["linkage_audit_append_seconds_count", ()] == 1


def test_a_match_is_timed_from_its_start_to_its_outcome() -> None:
    now = iter(float(n) for n in range(100))
    meter = Meter(lambda: next(now))
    audited = meter.audited(lambda kind, facts: None)
    audited("match.started", {"round": "r"})
    audited("match.finished", {"round": "r"})
    audited("match.finished", {"round": "never started here"})

    assert values(meter)["linkage_match_seconds_count", ()] == 1
    assert values(meter)["linkage_match_seconds_sum", ()] > 0


def test_what_is_watched_is_read_at_every_look() -> None:
    meter, rounds = Meter(), {"OPEN": 1.0}
    meter.watch("linkage_rounds", "rounds", lambda: rounds, label="state")
    assert values(meter)["linkage_rounds", ("OPEN",)] == 1
    rounds["OPEN"] = 2.0

    assert values(meter)["linkage_rounds", ("OPEN",)] == 2


@pytest.mark.parametrize(
    "error", [TransportError("断了", "gone"), OSError(), sa.exc.OperationalError("SELECT 1", {}, Exception())]
)
def test_what_cannot_be_read_is_left_out_and_the_rest_is_shown(error: Exception) -> None:
    def fails() -> dict[str, float]:
        raise error

    meter = Meter()
    meter.watch("linkage_rounds", "rounds", fails, label="state")
    meter.answered("Check", "OK", 0.01)

    assert not [name for name, _ in values(meter) if name == "linkage_rounds"]
    assert values(meter)["linkage_calls_total", ("Check", "OK")] == 1


def test_memory_and_open_files_of_the_process_are_shown() -> None:
    found = values(Meter())

    assert found["process_resident_memory_bytes", ()] > 0
    assert found["process_open_fds", ()] > 0


class Trouble:
    found = ""

    def __call__(self) -> str:
        return self.found


@pytest.fixture
def trouble() -> Trouble:
    return Trouble()


@pytest.fixture
def port(trouble: Trouble) -> Iterator[Port]:
    opened = Port(("127.0.0.1", 0), Meter().registry, trouble)
    yield opened
    opened.close()


def test_the_port_answers_health_and_metrics_and_nothing_else(port: Port, trouble: Trouble) -> None:
    address = ("127.0.0.1", port.number)
    assert fetch(address, "/health") == "SERVING\n"
    assert "process_resident_memory_bytes" in str(fetch(address, "/metrics"))
    assert fetch(address, "/") == fetch(address, "/metrics/more") == "not found\n"


def test_health_is_503_and_says_why_while_not_serving(port: Port, trouble: Trouble) -> None:
    trouble.found = "draining"
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"http://127.0.0.1:{port.number}/health")

    assert refused.value.code == 503
    refused.value.close()
    assert fetch(("127.0.0.1", port.number), "/health") == "NOT_SERVING: draining\n"


@pytest.mark.parametrize(
    ("found", "mark", "said"),
    [("", "good", "serving"), (STOPPING, "warning", STOPPING), (NO_DATABASE, "fault", NO_DATABASE)],
)
def test_the_doctor_says_what_keeps_the_running_program_from_its_work(
    port: Port, trouble: Trouble, found: str, mark: str, said: str
) -> None:
    trouble.found = found

    [finding] = check_metrics(Operations(metrics=("127.0.0.1", port.number)))
    assert (finding.mark, finding.en) == (mark, said)


def test_a_closed_port_answers_nobody(trouble: Trouble) -> None:
    opened = Port(("127.0.0.1", 0), Meter().registry, trouble)
    opened.close()

    assert fetch(("127.0.0.1", opened.number), "/health") is None


def test_a_taken_port_is_a_clear_error(port: Port, trouble: Trouble) -> None:
    with pytest.raises(TransportError, match="metrics"):
        Port(("127.0.0.1", port.number), Meter().registry, trouble)

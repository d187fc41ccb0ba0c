"""The answer to the acknowledgement of a result is lost on its way: the round is delivered all the same, once."""

from __future__ import annotations

import json
import threading

import pytest

from linkage.errors import TransportError
from linkage.rpc.client import LinkageClient
from linkage.rpc.v1 import linkage_pb2 as pb
from procuratorate_node.config import Config
from procuratorate_node.node import serve
from procuratorate_node.store import REQUESTS
from tests.procuratorate_node.conftest import Street
from tests.procuratorate_node.test_whole_round import CIVIL, COURT, opened, screened, wait_for


def test_a_round_keeps_its_counts_when_the_answer_to_the_acknowledgement_is_lost(
    config: Config, street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    accept = LinkageClient.accept_result
    lost: list[str] = []

    def once_lost(client: LinkageClient, round_id: str, result_digest: bytes) -> pb.RoundStatus:
        status = accept(client, round_id, result_digest)
        if not lost:
            lost.append(round_id)
            raise TransportError("连接断了", "the connection broke")
        return status

    monkeypatch.setattr(LinkageClient, "accept_result", once_lost)
    street.open_agency("civil", CIVIL)
    street.open_agency("court", COURT)
    node, stop = opened(config, street), threading.Event()
    street.run(lambda: serve(node, stop))
    try:
        round_id = "d" * 32
        assert screened(node, ["SX-1"], round_id) == "DELIVERED"
        wait_for(lambda: bool(node.store.get(REQUESTS, round_id)["delivered_at"]))
    finally:
        stop.set()

    assert lost == [round_id]
    assert json.loads(node.store.get(REQUESTS, round_id)["counts"])["new"] == len(node.book.list(model="SX-1")) > 0
    assert list((config.state / "results").glob("*.result")) == [], "the result's file goes, as after any delivery"

"""A link to a dummy row is about nobody: it disappears, whatever other links say stays."""

from __future__ import annotations

import os

import numpy as np

from linkage.encode.payload import Payload, pack_payload, seal_payloads
from linkage.keys.sealing import RecipientKey
from linkage.owner.encoding import upload_key_info
from linkage.rpc.result import ResultLink, ResultRow, RoundResult
from procuratorate_node.rounds.result import PayloadReader, findings_of

DIGEST, TAGS = bytes(32), ("DIBAO",)


def test_links_to_dummies_are_dropped_without_a_word() -> None:
    mine, upload_key = RecipientKey.generate(), os.urandom(32)
    payloads = (Payload(dummy=True), Payload(frozenset({"DIBAO"})))
    plain = np.frombuffer(b"".join(pack_payload(p, TAGS) for p in payloads), np.uint8).reshape(2, -1)
    sealed = seal_payloads(upload_key, plain, first_position=0, aad=DIGEST + b"a")
    dummy = ResultLink("a", "D", 0, sealed[0].tobytes())
    real = ResultLink("a", "A", 1, sealed[1].tobytes())
    keys = {"a": mine.public.seal(upload_key, info=upload_key_info(DIGEST, "a"))}
    rows = (ResultRow("M1", 0, "yes", (real, dummy)), ResultRow("M1", 1, "yes", (dummy,)))
    result = RoundResult(DIGEST, keys, rows)

    found = list(findings_of(result, (0, 1), PayloadReader(result, mine, schema_tags=TAGS)))

    assert [link.position for link in found[0].hits["a"].links] == [1]
    assert found[0].hits["a"].tags == {"DIBAO"}
    assert found[1].hits == {}

"""The result: one meaning has one byte form, and only the requester opens it whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.errors import InputError, KeyMaterialError, LinkageError, TransportError
from linkage.keys.sealing import RecipientKey
from linkage.rpc.result import ResultLink, ResultRow, RoundResult, open_result, seal_result

WARRANT = b"w" * 32
MINE = RecipientKey.generate()
links = st.builds(
    ResultLink,
    st.sampled_from(("a", "b")),
    st.sampled_from("ABCDE"),
    st.integers(0, 2**31),
    st.sampled_from((b"", b"p" * 24)),
)
rows = st.builds(
    ResultRow,
    st.sampled_from(("m1", "m2")),
    st.integers(0, 2**31),
    st.sampled_from(("yes", "cannot-tell")),
    st.lists(links, max_size=3).map(tuple),
)
results = st.builds(
    RoundResult,
    st.just(WARRANT),
    st.dictionaries(st.sampled_from(("a", "b")), st.binary(max_size=9)),
    st.lists(rows, max_size=6, unique_by=lambda r: (r.model, r.anchor)).map(tuple),
)


def example(count: int = 3) -> RoundResult:
    link = ResultLink("a", "C", 7, b"p" * 24)
    return RoundResult(WARRANT, {"a": b"key"}, tuple(ResultRow("m", i, "yes", (link,)) for i in range(count)))


@given(result=results)
def test_a_result_reads_back_as_itself(result: RoundResult) -> None:
    assert RoundResult.from_bytes(result.to_bytes()) == result


@given(result=results, data=st.data())
def test_the_order_of_rows_and_links_does_not_matter(result: RoundResult, data: st.DataObject) -> None:
    turned = [ResultRow(r.model, r.anchor, r.verdict, tuple(reversed(r.links))) for r in result.rows]
    mixed = data.draw(st.permutations(turned))

    assert RoundResult(WARRANT, result.upload_keys, tuple(mixed)).digest == result.digest


@given(result=results, size=st.integers(40, 400))
def test_sealed_segments_of_any_size_open_to_the_same_result(result: RoundResult, size: int) -> None:
    sealed = seal_result(result, MINE.public, segment_bytes=size)

    assert open_result(sealed, MINE, warrant_digest=WARRANT) == result


def test_a_result_opens_for_its_recipient_and_its_warrant_only() -> None:
    sealed = seal_result(example(), MINE.public)

    with pytest.raises(KeyMaterialError):
        open_result(sealed, RecipientKey.generate(), warrant_digest=WARRANT)
    with pytest.raises(KeyMaterialError):
        open_result(sealed, MINE, warrant_digest=b"v" * 32)


@pytest.mark.parametrize("cut", [0, 10, 25, 28, 29, 40, -1])
def test_a_result_cut_short_is_refused(cut: int) -> None:
    sealed = seal_result(example(), MINE.public, segment_bytes=100)

    with pytest.raises(TransportError):
        open_result(sealed[:cut], MINE, warrant_digest=WARRANT)


def test_segments_can_be_neither_dropped_nor_swapped() -> None:
    sealed = seal_result(example(), MINE.public, segment_bytes=100)
    head, body = sealed[:25], sealed[29:]
    number = int.from_bytes(sealed[25:29], "big")
    parts = []
    while body:
        length = int.from_bytes(body[:4], "big")
        parts.append(body[: 4 + length])
        body = body[4 + length :]
    assert number == len(parts) > 1

    dropped = head + (number - 1).to_bytes(4, "big") + b"".join(parts[:-1])
    swapped = head + sealed[25:29] + b"".join([parts[1], parts[0], *parts[2:]])
    for changed in (dropped, swapped):
        with pytest.raises(KeyMaterialError):
            open_result(changed, MINE, warrant_digest=WARRANT)


@pytest.mark.parametrize(
    "change",
    [
        (b"linkage/v1/result", b"linkage/v2/result"),
        (b'"C"', b'"W"'),
        (b'"yes"', b'"no"'),
        (b",7,", b",-7,"),
        (b",7,", b",true,"),
        (b'"models":{', b'"models": {'),
        (b'"upload_keys":{"a":"a2V5"}', b'"upload_keys":[]'),
    ],
)
def test_a_malformed_result_is_refused(change: tuple[bytes, bytes]) -> None:
    body = example().to_bytes()
    assert change[0] in body

    with pytest.raises(InputError):
        RoundResult.from_bytes(body.replace(*change))


@given(body=st.binary(max_size=80))
def test_any_bytes_raise_our_own_error_only(body: bytes) -> None:
    for read in (RoundResult.from_bytes, lambda b: open_result(b, MINE, warrant_digest=WARRANT)):
        with pytest.raises(LinkageError):
            read(body)


def test_a_model_names_an_anchor_once() -> None:
    with pytest.raises(InputError):
        RoundResult(WARRANT, {}, (ResultRow("m", 1, "yes"), ResultRow("m", 1, "cannot-tell")))

"""Encoding laws: deterministic, independent of chunks and order, unlinkable between rounds, silent about absences."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.encode.roundkey import RoundKey
from linkage.encode.rows import RowEncoder
from linkage.errors import EncodingError
from linkage.normalise.person import Birth, BirthPrecision, BirthSource, IdState, IdType, NameState, Person
from linkage.schema import load_schema

SCHEMA = load_schema("person-v1")
ONE, TWO = RoundKey(bytes(32)), RoundKey(bytes([1]) * 32)


def person(name: str = "张伟明", year: int = 1980, sex: str = "1", village: str = "何集") -> Person:
    return Person(
        name=name,
        name_state=NameState.FULL if name else NameState.EMPTY,
        surname=name[:1],
        given=name[1:],
        readings=tuple((f"zi{ord(c) % 7}1",) for c in name),
        shapes=tuple("" for _ in name),
        birth=Birth(year, year, 3, 14, BirthPrecision.DAY, BirthSource.STATED) if year else Birth(),
        sex=sex,
        village=village,
    )


persons = st.builds(
    person,
    st.sampled_from(["张伟明", "李娜", "王", ""]),
    st.sampled_from([0, 1950, 1980]),
    st.sampled_from(["", "1", "2"]),
    st.sampled_from(["", "何集", "袁寨"]),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(persons, min_size=1, max_size=8), st.integers(1, 7))
def test_rows_do_not_depend_on_chunking(people: list[Person], cut: int) -> None:
    whole = RowEncoder(SCHEMA, ONE).encode(people)
    encoder = RowEncoder(SCHEMA, ONE)
    parts = [encoder.encode(people[:cut]), encoder.encode(people[cut:])]
    assert whole.tobytes() == np.concatenate(parts).tobytes()


@settings(max_examples=25, deadline=None)
@given(st.lists(persons, min_size=2, max_size=6), st.randoms())
def test_rows_follow_their_persons_in_any_order(people: list[Person], random) -> None:  # type: ignore[no-untyped-def]
    order = list(range(len(people)))
    random.shuffle(order)
    encoder = RowEncoder(SCHEMA, ONE)
    expected = encoder.encode(people)[order].tobytes()
    assert expected == encoder.encode([people[i] for i in order]).tobytes()


def test_two_rounds_share_no_token_and_no_filter() -> None:
    people = [person(), person("李娜", 1975, "2", "袁寨")]
    first, second = RowEncoder(SCHEMA, ONE).encode(people), RowEncoder(SCHEMA, TWO).encode(people)
    tokens = [{t.tobytes() for t in rows["tokens"].reshape(-1, 16) if t.any()} for rows in (first, second)]
    assert not tokens[0] & tokens[1]
    assert not {f.tobytes() for f in first["filter"]} & {f.tobytes() for f in second["filter"]}


def test_an_empty_person_has_no_token_no_filter_and_no_flag() -> None:
    row = RowEncoder(SCHEMA, ONE).encode([Person()])
    assert not row.tobytes().strip(b"\0")


def test_a_masked_name_gives_no_name_evidence() -> None:
    masked = Person(name="张某某", name_state=NameState.MASKED, surname="张", given="某某")
    assert RowEncoder(SCHEMA, ONE).encode([masked]).tobytes() == RowEncoder(SCHEMA, ONE).encode([Person()]).tobytes()


@pytest.mark.parametrize("state", [IdState.BAD_CHECK, IdState.CONFLICT, IdState.MASKED, IdState.EXCEL_LOST])
def test_only_a_usable_number_makes_a_number_token(state: IdState) -> None:
    number = "11010519491231002X"
    holder = Person(id_number=number, id_digits=number, id_state=state, id_type=IdType.CN18)
    column = SCHEMA.token_index("number")
    assert not RowEncoder(SCHEMA, ONE).encode([holder])["tokens"][0, column].any()


def test_scope_and_context_are_per_row() -> None:
    rows = RowEncoder(SCHEMA, ONE).encode([person(), person()], contexts=["A1", ""], scopes=[1, 4])
    column = SCHEMA.token_index("context")
    assert rows["scope"].tolist() == [1, 4]
    assert [bool(t.any()) for t in rows["tokens"][:, column]] == [True, False]


@pytest.mark.parametrize("wrong", [{"contexts": ["x"]}, {"scopes": [1, 2, 3]}])
def test_a_wrong_number_of_contexts_or_scopes_is_refused(wrong: dict[str, list[str]]) -> None:
    with pytest.raises(EncodingError):
        RowEncoder(SCHEMA, ONE).encode([person(), person()], **wrong)  # type: ignore[arg-type]


def test_no_repr_shows_a_key_or_a_person() -> None:
    encoder = RowEncoder(SCHEMA, ONE)
    encoder.encode([person()])
    shown = repr(ONE) + repr(person()) + repr(encoder._tokens) + repr(encoder._filters)
    assert "张" not in shown
    assert "00000000" not in shown


def test_the_golden_digest_tells_keys_apart_and_repeats() -> None:
    assert RowEncoder(SCHEMA, ONE).golden_digest() == RowEncoder(SCHEMA, ONE).golden_digest()
    assert RowEncoder(SCHEMA, ONE).golden_digest() != RowEncoder(SCHEMA, TWO).golden_digest()


@pytest.mark.parametrize(
    "row", [Person(sex="1"), Person(village="何集"), Person(town="三汊"), person(), person("", 1950, "", "")]
)
def test_every_honest_row_lies_in_the_popcount_window(row: Person) -> None:
    low, high = SCHEMA.filter_popcount
    for fill in range(20):
        count = int(np.bitwise_count(RowEncoder(SCHEMA, RoundKey(bytes([fill]) * 32)).encode([row])["filter"]).sum())
        assert low <= count <= high

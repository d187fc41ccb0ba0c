from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.errors import KeyMaterialError
from linkage.keys.share import OFFICER, SECRET, Share, combine, make_shares, parse_share
from linkage.keys.signing import SigningKey

VALUE = bytes(range(32))


def shares_of(secret: bytes = VALUE, *, seed: int = 1, epoch: int = 1, needed: int = 2, count: int = 3) -> list[Share]:
    dice = random.Random(seed)
    made = make_shares(
        secret,
        kind=SECRET,
        subject="county",
        epoch=epoch,
        threshold=needed,
        count=count,
        random_bytes=dice.randbytes,
    )
    return list(made)


def test_a_share_comes_back_from_its_printed_form_however_it_is_typed() -> None:
    share = shares_of()[1]
    assert share == parse_share(share.to_text())
    assert share == parse_share(share.to_text().upper().replace(" ", "   ").replace("\n", "\n\n"))


@pytest.mark.parametrize("chosen", [(0, 1), (1, 0), (0, 2), (1, 2), (0, 1, 2), (2, 2, 1)])
def test_any_two_of_three_give_the_secret(chosen: tuple[int, ...]) -> None:
    shares = shares_of()
    assert combine([shares[i] for i in chosen]) == VALUE


@pytest.mark.parametrize("chosen", [(), (0,), (1, 1)])
def test_too_few_are_refused(chosen: tuple[int, ...]) -> None:
    shares = shares_of()
    with pytest.raises(KeyMaterialError, match=r"too few|no share"):
        combine([shares[i] for i in chosen])


def test_shares_of_two_splittings_or_epochs_are_refused() -> None:
    for other in (shares_of(seed=2), shares_of(epoch=2), shares_of(needed=3)):
        with pytest.raises(KeyMaterialError, match="not of one splitting"):
            combine([shares_of()[0], other[1]])


def test_an_altered_share_never_gives_a_secret_even_with_a_right_checksum() -> None:
    shares = shares_of()
    for bit in range(256):
        changed = (int.from_bytes(shares[1].value) ^ 1 << bit).to_bytes(32)
        with pytest.raises(KeyMaterialError, match="check value"):
            combine([shares[0], parse_share(replace(shares[1], value=changed).to_text())])


def test_an_altered_share_beyond_the_threshold_is_noticed() -> None:
    shares = shares_of()
    with pytest.raises(KeyMaterialError, match="altered"):
        combine([*shares[:2], replace(shares[2], value=bytes(32))])
    with pytest.raises(KeyMaterialError, match="both number 1"):
        combine([*shares[:2], replace(shares[0], value=bytes(32))])


@given(st.integers(0, 2**32), st.data())
def test_every_slip_of_the_pen_is_noticed(seed: int, data: st.DataObject) -> None:
    text = shares_of(seed=seed)[0].to_text()
    place = data.draw(st.sampled_from([i for i, sign in enumerate(text) if not sign.isspace()]))
    sign = data.draw(st.sampled_from([c for c in "0123456789abcdefz" if c != text[place]]))
    with pytest.raises(KeyMaterialError):
        parse_share(text[:place] + sign + text[place + 1 :])


def test_missing_and_unknown_lines_are_all_named() -> None:
    text = shares_of()[0].to_text().replace("epoch 1", "time 1").replace("number 1", "number x")
    with pytest.raises(KeyMaterialError, match=r"miswritten: \?, number, epoch"):
        parse_share(text)
    with pytest.raises(KeyMaterialError, match="not a share"):
        parse_share("")


def test_an_officers_key_is_shared_as_well() -> None:
    key = SigningKey.generate()
    dice = random.Random(3)
    made = make_shares(
        key.to_raw(),
        kind=OFFICER,
        subject=key.key_id,
        epoch=0,
        threshold=3,
        count=5,
        random_bytes=dice.randbytes,
    )
    assert SigningKey.from_raw(combine(made[2:])).key_id == key.key_id


def test_repr_and_errors_hold_no_value() -> None:
    share = shares_of()[0]
    assert share.value.hex()[:8] not in repr(share)
    with pytest.raises(KeyMaterialError, match="2 <= threshold"):
        shares_of(needed=4)

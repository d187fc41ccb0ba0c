"""How files between two parties are counted, kept and copied."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from linkage.courier.envelope import Header, Route
from linkage.courier.post import METADATA, Post, copy_to
from linkage.errors import InputError

Files = Callable[..., Path]


@pytest.fixture
def post(tmp_path: Path) -> Post:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'post.db'}")
    METADATA.create_all(engine)
    return Post(engine.begin, tmp_path / "courier", "us")


def header(number: int, content: str = "ab") -> Header:
    return Header(Route("county", "civil", "us", number), (), (), "2026-11-26T08:00:00Z", content)


def write(post: Post, peer: str, number: int) -> Path:
    place = post.place(peer, number)
    place.write_bytes(b"sealed")
    return place


def test_the_next_file_of_a_peer_is_the_one_after_the_last_taken(post: Post) -> None:
    post.require_turn(header(1))
    post.set("civil", taken=4, taken_content="ab")

    post.require_turn(header(5))


@pytest.mark.parametrize(
    ("number", "content", "said"),
    [
        (4, "ab", "taken on .* already"),
        (4, "cd", "an old one, or another one"),
        (2, "ab", "an old one, or another one"),
        (6, "ab", "file 5 of civil is missing"),
        (9, "ab", "file 5–8 of civil is missing"),
    ],
)
def test_a_file_out_of_turn_is_refused_with_what_to_do(post: Post, number: int, content: str, said: str) -> None:
    post.set("civil", taken=4, taken_content="ab", taken_at="2026-11-26T08:00:00Z")
    with pytest.raises(InputError, match=said):
        post.require_turn(header(number, content))


def test_a_gap_is_passed_over_only_on_demand(post: Post) -> None:
    post.require_turn(header(7), skip_missing=True)
    post.set("civil", taken=7)
    with pytest.raises(InputError):
        post.require_turn(header(7), skip_missing=True)


def test_files_are_kept_until_they_are_confirmed(post: Post) -> None:
    files = [write(post, "civil", number) for number in (1, 2, 3)]
    post.set("civil", written=3)
    post.confirm("civil", 2)

    assert post.kept("civil") == files[2:]
    assert not files[0].exists() and not files[1].exists()


def test_files_of_a_peer_whose_name_goes_on_are_not_taken_for_ours(post: Post) -> None:
    other = write(post, "civil-to-civil", 1)
    post.confirm("civil", 9)

    assert other.exists()


def test_a_restored_sender_counts_on_from_what_its_peer_has(post: Post) -> None:
    post.set("civil", written=2)
    post.confirm("civil", 7)

    assert post.begin("civil") == 8


def test_a_file_that_was_never_counted_is_dropped_before_the_next_one(post: Post) -> None:
    broken_off = write(post, "civil", 1)

    assert post.kept("civil") == []
    assert post.begin("civil") == 1
    assert not broken_off.exists()


def test_one_command_at_a_time_works_on_the_files(post: Post) -> None:
    with post.alone(), pytest.raises(InputError, match="at work"), post.alone():
        pass


def test_a_damaged_copy_on_the_stick_is_written_anew(post: Post, tmp_path: Path) -> None:
    file, stick = write(post, "civil", 1), tmp_path / "stick"
    (copy,) = copy_to([file], stick)
    copy.write_bytes(b"damage")
    copy_to([file], stick)

    assert copy.read_bytes() == b"sealed"

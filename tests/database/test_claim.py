"""One service per PostgreSQL database, also after the server ended the connection that holds the claim."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from linkage.database import claim
from linkage.database.claim import ClaimLost, claimed
from linkage.database.opening import open_database, reading
from linkage.errors import ConfigError
from tests.postgresql import Server, end_claim

NOTES = sa.Table("notes", sa.MetaData(), sa.Column("text", sa.Text))


@pytest.fixture
def address(server: Server, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(claim, "WAIT_MS", 200)
    return server.address()


def write(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        NOTES.metadata.create_all(connection)


def test_a_second_service_is_refused_until_the_first_ends(server: Server, address: str) -> None:
    with claimed(open_database(address)):
        with pytest.raises(ConfigError, match="another service"), claimed(open_database(address)):
            pass
        with claimed(open_database(server.address())):
            pass
    with claimed(open_database(address)):
        pass


@pytest.mark.parametrize("way", ["write", "hold"])
def test_a_claim_that_the_server_ended_is_taken_again(address: str, way: str) -> None:
    engine = open_database(address)
    with claimed(engine) as hold:
        end_claim(address)
        write(engine) if way == "write" else hold()

        with pytest.raises(ConfigError, match="another service"), claimed(open_database(address)):
            pass


def test_who_finds_another_service_in_its_place_never_writes_again(address: str) -> None:
    engine = open_database(address)
    with claimed(engine) as hold:
        end_claim(address)
        with claimed(open_database(address)), pytest.raises(ClaimLost):
            write(engine)

        with pytest.raises(ClaimLost):
            hold()
        with pytest.raises(ClaimLost):
            write(engine)
        with reading(engine) as connection:
            assert not sa.inspect(connection).has_table("notes")


def test_a_claim_that_is_given_back_binds_no_writer_any_more(address: str) -> None:
    engine = open_database(address)
    with claimed(engine):
        pass
    with claimed(open_database(address)):
        write(engine)

"""The kept corpus of hostile input, and how each kind of it is read: by the programs' own parsers, as deep as they go.

tests/hostile/corpus/messages/<message type>/ holds encoded protobuf messages, documents/<kind>/ what members sign or
send beside them. Mutations begin here (`hostile_suite`, the fuzzing tests); what once fell over stays as a file.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from google.protobuf.message import Message

from linkage.audit.checkpoint import parse_checkpoint
from linkage.audit.entry import parse_entry
from linkage.audit.note import parse_note, parse_signature
from linkage.audit.proof import parse_proof
from linkage.audit.restart import Restart
from linkage.coordinator.assemble import needed_populations
from linkage.courier.envelope import Header
from linkage.errors import InputError, LinkageError
from linkage.keys.canonical import JSON, parse_canonical_json
from linkage.keys.manifest import parse_draft
from linkage.keys.officers import Officers
from linkage.keys.revocation import parse_revocation_draft, split_signatures
from linkage.keys.signing import Signed
from linkage.keys.tls import identity_of_certificate
from linkage.owner.contents import ReleaseAnswer, ReleaseRequest
from linkage.owner.disclosure import models_in_words
from linkage.owner.referrals import Referral, ReferralStatus
from linkage.plan import parse_plan
from linkage.rpc.result import RoundResult
from linkage.rpc.v1 import linkage_pb2 as pb
from linkage.warrant import Decision, DeletionStatement, RoundWarrant

FOLDER: Final = Path(__file__).parents[1] / "tests" / "hostile" / "corpus"
Reader = Callable[[bytes], object]


@dataclass(frozen=True, slots=True)
class Seed:
    """One file of the corpus and what reads it."""

    kind: str
    name: str
    body: bytes
    read: Reader


def read_warrant(body: bytes) -> None:
    """Read a warrant and do with it what every owner and the coordinator do."""
    warrant = RoundWarrant.from_bytes(body)
    models_in_words(warrant)
    needed_populations(warrant)


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError("不是 UTF-8", "not UTF-8") from None


def _read_checkpoint(body: bytes) -> None:
    parse_checkpoint(parse_note(_text(body)).text)


def _read_proof(body: bytes) -> None:
    proof = parse_proof(_text(body))
    parse_entry(proof.entry)
    _read_checkpoint(proof.checkpoint.encode())


def _content(parse: Callable[[Mapping[str, JSON]], object]) -> Reader:
    def read(body: bytes) -> object:
        found = parse_canonical_json(body)
        if not isinstance(found, Mapping):
            raise InputError("不是表", "not a table")
        return parse(found)

    return read


READERS: Final[Mapping[str, Reader]] = {
    "certificate": identity_of_certificate,
    "checkpoint": _read_checkpoint,
    "cosignature": lambda body: parse_signature(_text(body)),
    "courier-header": Header.from_bytes,
    "decision": Decision.from_bytes,
    "deletion": DeletionStatement.from_bytes,
    "entry": parse_entry,
    "envelope": Signed.parse,
    "manifest": lambda body: parse_draft(_text(body)),
    "officers": lambda body: Officers.from_text(_text(body)),
    "plan": lambda body: parse_plan(parse_canonical_json(body)),
    "proof": _read_proof,
    "referral": _content(Referral.from_content),
    "referral-status": _content(ReferralStatus.from_content),
    "release-answer": _content(ReleaseAnswer.from_content),
    "release-request": _content(ReleaseRequest.from_content),
    "restart": Restart.from_bytes,
    "result": RoundResult.from_bytes,
    "revocations": lambda body: parse_revocation_draft(split_signatures(_text(body))[0]),
    "warrant": read_warrant,
}


def _reader_of(message: type[Message]) -> Reader:
    def read(body: bytes) -> None:
        _look_inside(message.FromString(body))

    return read


def _look_inside(message: Any) -> None:
    """Parse the documents inside a message that was read; what they are refused for is theirs alone."""
    inside: list[tuple[Reader, bytes]] = []
    for field, value in message.ListFields():
        if field.message_type is not None:
            for part in value if field.is_repeated else (value,):
                _look_inside(part)
        elif field.name == "envelope":
            inside.append((Signed.parse, value))
        elif field.name == "checkpoint":
            inside.append((_read_checkpoint, value.encode()))
        elif field.name in ("cosignature", "line"):
            inside.append((READERS["cosignature"], value.encode()))
    for read, body in inside:
        with contextlib.suppress(LinkageError):
            read(body)


def message_seeds() -> list[Seed]:
    """Return the protobuf messages of the corpus."""
    return list(_seeds(FOLDER / "messages", lambda kind: _reader_of(getattr(pb, kind))))


def document_seeds() -> list[Seed]:
    """Return the documents of the corpus."""
    return list(_seeds(FOLDER / "documents", READERS.__getitem__))


def _seeds(folder: Path, reader_of: Callable[[str], Reader]) -> Iterator[Seed]:
    for kind in sorted(folder.iterdir()):
        read = reader_of(kind.name)
        for file in sorted(kind.iterdir()):
            yield Seed(kind.name, file.name, file.read_bytes(), read)

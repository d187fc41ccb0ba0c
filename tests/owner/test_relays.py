from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from linkage.errors import InputError, KeyMaterialError, LinkageError, NotFoundError
from linkage.keys.canonical import encode_base64
from linkage.keys.signing import Signed
from linkage.owner.contents import ReleaseAnswer, ReleaseRequest
from linkage.owner.referrals import MAX_LETTER_BYTES, Answer, Expected, Letter, Referral, ReferralStatus
from linkage.owner.relays import LABEL_RELAY, RelayHead, make_relay, open_relay, wire_relay
from linkage.rpc.limits import ENVELOPE_BYTES
from linkage.rpc.v1 import linkage_pb2 as pb

HEAD = RelayHead("ab" * 16, "release_request", "procuratorate", "civil", round_id="cd" * 16)
CONTENTS = [
    ReleaseRequest("dibao", 3, ("kind",), "X-1", ("甲", "乙"), "核实"),
    ReleaseAnswer(True, "", "policy", {"kind": "农村"}),
    Referral(
        referral="ab" * 12,
        number="检救助建〔2026〕1号",
        service="temporary",
        title="临时救助",
        basis="细则",
        asked_by="甲",
        approved_by="乙",
        expected=Expected(("已发放",), "2026-11-30", bands=("1000元以下",)),
        person={"name": "某"},
        cautions=("勿联系住址",),
        note="说明",
        letter=Letter("函.docx", b"PK\x03\x04"),
    ),
    ReferralStatus("REFUSED", "不属本辖区", "甲", "2026-11-02T08:00:00Z"),
    ReferralStatus("DONE", "", "甲", "2026-11-02T08:00:00Z", Answer("已发放", "2026-11-02", "1000元以下")),
]


def sent(town: Any, head: RelayHead = HEAD) -> pb.Relay:
    keys = town.keys("procuratorate")
    return make_relay(head, {"secret": "内容"}, manifest=keys.manifest, signing=keys.signing)


def opened(town: Any, message: pb.Relay, party: str = "civil") -> Any:
    keys = town.keys(party)
    return open_relay(message, manifest=keys.manifest, recipient=keys.recipient)


def test_the_receiver_opens_what_was_sealed_to_it(town: Any) -> None:
    found = opened(town, sent(town))

    assert (found.head, found.content) == (HEAD, {"secret": "内容"})
    assert "内容" not in repr(found)


def test_the_relay_in_between_cannot_read_it(town: Any) -> None:
    message = sent(town)

    assert "内容".encode() not in message.SerializeToString()
    with pytest.raises(KeyMaterialError):
        opened(town, message, "disabled")


@pytest.mark.parametrize("name", ["relay_id", "in_reply_to", "sender", "receiver", "round_id"])
def test_a_changed_cover_is_noticed(town: Any, name: str) -> None:
    message = sent(town)
    setattr(message, name, "ef" * 16)

    with pytest.raises(InputError):
        opened(town, message)


@pytest.mark.parametrize("name", ["relay_id", "in_reply_to", "round_id", "kind"])
def test_a_sealed_content_cannot_be_moved_under_another_head(town: Any, name: str) -> None:
    keys = town.keys("procuratorate")
    body = json.loads(Signed.parse(sent(town).document.envelope).body)
    body[name] = "referral" if name == "kind" else "ef" * 16
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    envelope = Signed.create(LABEL_RELAY, text, signer="procuratorate", key=keys.signing).to_json()
    head = replace(HEAD, **{name: body[name]})

    with pytest.raises(KeyMaterialError):
        opened(town, wire_relay(head, envelope))


def test_a_message_to_nobody_we_know_is_not_made(town: Any) -> None:
    with pytest.raises(NotFoundError):
        sent(town, replace(HEAD, receiver="stranger"))


@pytest.mark.parametrize("content", CONTENTS, ids=lambda c: type(c).__name__)
def test_contents_survive_the_way_and_nothing_else_does(content: Any) -> None:
    kind, form = type(content), content.to_content()
    assert kind.from_content(json.loads(json.dumps(form))) == content

    for changed in ({k: v for k, v in form.items() if k != min(form)}, form | {"more": 1}, form | {min(form): 1.5}):
        with pytest.raises(LinkageError):
            kind.from_content(changed)


@pytest.mark.parametrize("content", CONTENTS[1:3], ids=lambda c: type(c).__name__)
def test_no_repr_shows_a_persons_value(content: Any) -> None:
    assert "农村" not in repr(content) and "某" not in repr(content)


def test_a_body_of_another_form_is_refused(town: Any) -> None:
    keys = town.keys("procuratorate")
    for text in (b"{}", b"[]", b'{"format":"linkage/v1/relay"}', encode_base64(b"x").encode()):
        envelope = Signed.create(LABEL_RELAY, text, signer="procuratorate", key=keys.signing).to_json()
        with pytest.raises(InputError):
            opened(town, wire_relay(HEAD, envelope))


def test_a_referral_with_the_largest_letter_fits_into_one_message(town: Any) -> None:
    keys = town.keys("procuratorate")
    referral = next(c for c in CONTENTS if isinstance(c, Referral))
    full = replace(referral, letter=Letter("函.docx", bytes(MAX_LETTER_BYTES)), note="某" * 2000)
    message = make_relay(HEAD, full.to_content(), manifest=keys.manifest, signing=keys.signing)

    assert len(message.document.envelope) <= ENVELOPE_BYTES
    assert Referral.from_content(opened(town, message).content) == full

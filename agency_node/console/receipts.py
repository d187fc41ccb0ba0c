"""What left the building: one line for everything the audit log says was sent, newest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from starlette.responses import Response

from agency_node.console.office import Console
from agency_node.console.words import REFERRALS, word
from linkage.audit.entry import Entry
from linkage.keys.canonical import JSON
from linkage.web.listing import Listing
from linkage.web.page import Page
from linkage.web.routes import Section, get
from linkage.web.texts import CHINESE, ENGLISH, Text
from linkage.words import listed

TITLE = Text("出门凭据", "What left")
STATUS = Text("一条状态", "one status")
FIELDS = Text("一个人的栏目", "fields of one person")


@dataclass(frozen=True, slots=True)
class Receipt:
    """One thing that left: when, what, to whom, how much, by whose decision, and the entry that proves it."""

    at: str
    what: Text
    receiver: str
    amount: Text
    by: str
    proof: str
    entry: int


def show(page: Page) -> Response:
    console = page.node(Console)
    found = list(receipts(console))[::-1]
    listing = Listing.of(page.query, total=len(found))
    return page.render("receipts.html", title=TITLE, listing=listing, receipts=listing.part(found))


def receipts(console: Console) -> Iterator[Receipt]:
    """Yield the receipts, oldest first."""
    encoded: dict[str, Mapping[str, JSON]] = {}
    begun: dict[str, Mapping[str, JSON]] = {}
    decisions = {d.round_id: (d.requester, d.decided_by) for d in console.answers.decisions.all()}
    titles = console.field_titles()
    for entry in console.ledger.entries():
        facts = entry.facts
        content = str(facts.get("content", ""))
        if entry.kind == "encoding.done":
            encoded[content] = facts
        elif entry.kind == "upload.begun":
            begun[content] = facts
        elif entry.kind == "upload.sealed":
            about = {**encoded.get(content, {}), **begun.get(content, {})}
            requester, by = decisions.get(str(facts["round"]), ("", ""))
            yield _upload(console, entry, about, by=by, requester=console.party_name(requester))
        elif entry.kind == "release.decided" and facts.get("given"):
            yield _release(console, entry, titles)
        elif entry.kind == "referral.updated":
            state = word(REFERRALS, str(facts["state"]))[0]
            what = Text(f"转介状态：{state.zh}", f"referral status: {state.en}")
            yield _receipt(console, entry, what, receiver=str(facts["receiver"]), amount=STATUS)


def _upload(console: Console, entry: Entry, about: Mapping[str, JSON], *, by: str, requester: str) -> Receipt:
    rows, dummies = int(str(about.get("rows", 0))), int(str(about.get("dummies", 0)))
    named = "".join(console.titled([str(about.get("dataset", ""))]))
    what = Text(f"“{named}”的编码，供{requester}的轮次", f"encodings of {named}, for a round of {requester}")
    size = int(str(about.get("bytes", 0)))
    amount = Text(
        f"{rows:,} 行（其中虚设 {dummies:,} 行），{size:,} 字节",
        f"{rows:,} rows ({dummies:,} of them dummies), {size:,} bytes",
    )
    proof = str(entry.facts.get("content", ""))
    receiver = console.keys.manifest.coordinator.name
    return Receipt(entry.time, what, receiver, amount, by, proof, entry.index)


def _release(console: Console, entry: Entry, titles: Mapping[str, Text]) -> Receipt:
    facts = entry.facts
    fields = facts.get("fields_given")
    names = [titles.get(str(name), Text(str(name), str(name))) for name in fields] if isinstance(fields, list) else []
    zh, en = listed((n.zh for n in names), CHINESE), listed((n.en for n in names), ENGLISH)
    what = Text(f"调取答复：{zh or '没有可给的栏目'}", f"release: {en or 'none of the fields is held'}")
    return _receipt(console, entry, what, receiver=str(facts["requester"]), amount=FIELDS)


def _receipt(console: Console, entry: Entry, what: Text, *, receiver: str, amount: Text) -> Receipt:
    by = str(entry.facts.get("decided_by", entry.facts.get("by", "")))
    proof = str(entry.facts.get("relay", ""))
    return Receipt(entry.time, what, console.party_name(receiver), amount, by, proof, entry.index)


SECTION = Section(TITLE, get("/receipts", "pages.receipts", show))

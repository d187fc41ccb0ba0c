"""One stored proposal: every term as it was proposed, who must approve what, the decision, the payment."""

from __future__ import annotations

import json
from typing import Final

from starlette.responses import Response

from linkage.web.page import Page
from linkage.web.routes import get, post
from linkage.web.texts import Text
from procuratorate_node.cluework.states import AwardState
from procuratorate_node.node import Node
from procuratorate_node.relief.approval import DECISION, DEPARTURE, REASONS
from procuratorate_node.relief.money import parse_yuan
from procuratorate_node.relief.rules import Rules
from procuratorate_node.workbench.clues import words
from procuratorate_node.workbench.clues.band import band_chart
from procuratorate_node.workbench.clues.decisions import REASON
from procuratorate_node.workbench.clues.listing import parse_day

TITLE: Final = Text("救助金", "Aid")


def show(page: Page) -> Response:
    node = page.node(Node)
    row = node.awards.find(page.parameters["award"])
    report = json.loads(row["report"])
    rules = _rules(node, report)
    mine = next((o.roles for o in node.config.officers if o.name == page.officer), ())
    return page.render(
        "clues/award.html",
        title=TITLE,
        row=row,
        state=AwardState(row["state"]),
        report=report,
        band=band_chart(report, page.language),
        approvals=node.awards.approvals(row["award_id"]),
        set_by_officer=json.loads(row["set_by_officer"]),
        reasons=json.loads(row["reasons"]),
        rules=rules,
        subjects=_subjects(rules),
        own_roles=[(r.code, page.t(r.zh, r.en)) for r in rules.roles if r.code in mine],
        grounds=[("", "—"), *((g.code, page.t(g.zh, g.en)) for g in rules.grounds)],
        kinds=REASONS,
        words=words,
    )


def _rules(node: Node, report: dict[str, str]) -> Rules:
    day, region = parse_day(report["decided_on"]), report["region"]
    return node.awards.tables.on(day, region=region).rules


def _subjects(rules: Rules) -> list[tuple[str, Text]]:
    """Return what may be approved: the decision itself, a cap that may be exceeded, aid despite an exclusion."""
    caps = [(cap.code, Text(f"超过：{cap.zh}", f"above: {cap.en}")) for cap in rules.caps if cap.exceedable]
    departure = (DEPARTURE, Text("存在一般不予救助情形仍救助", "aid despite an exclusion"))
    return [(DECISION, Text("本次决定", "this decision")), *caps, *([departure] if rules.departure.roles else [])]


def _back(page: Page, said: Text) -> Response:
    return page.redirect(f"/awards/{page.parameters['award']}", said=said)


def approve(page: Page) -> Response:
    node = page.node(Node)
    up_to = parse_yuan(page.needed("up_to", Text("批准的最高金额", "highest amount")), what="up_to")
    node.awards.approve(
        page.parameters["award"],
        page.field("subject"),
        page.field("role"),
        up_to=up_to,
        ground=page.field("ground"),
        by=page.officer,
        now=node.clock(),
    )
    return _back(page, Text("已记录批准", "Approval noted"))


def decide(page: Page) -> Response:
    node, text = page.node(Node), page.field("amount")
    amount = parse_yuan(text, what="amount") if text else None
    reasons = {kind: page.field(f"reason-{kind}") for kind in REASONS}
    node.awards.decide(page.parameters["award"], by=page.officer, now=node.clock(), amount=amount, reasons=reasons)
    return _back(page, Text("已决定", "Decided"))


def refuse(page: Page) -> Response:
    node, reason = page.node(Node), page.needed("reason", REASON)
    node.awards.refuse(page.parameters["award"], by=page.officer, now=node.clock(), reason=reason)
    return _back(page, Text("已记录，须向申请人说明理由", "Noted; the reason is told to the applicant"))


def pay(page: Page) -> Response:
    node, day = page.node(Node), parse_day(page.needed("paid_on", Text("支付日期", "day of payment")))
    node.awards.pay(page.parameters["award"], day, by=page.officer, now=node.clock())
    said = Text("已登记支付，两个工作日内告知申请人", "Payment noted; tell the applicant within two working days")
    return _back(page, said)


ROUTES: Final = (
    get("/awards/{award}", "award.show", show),
    post("/awards/{award}/approve", "award.approve", approve),
    post("/awards/{award}/decide", "award.decide", decide),
    post("/awards/{award}/refuse", "award.refuse", refuse),
    post("/awards/{award}/pay", "award.pay", pay),
)

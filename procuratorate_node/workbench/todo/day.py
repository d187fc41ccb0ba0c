"""Today's list: what waits for the role that is signed in, and the clue work by deadline."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from linkage.web.page import Page
from linkage.web.routes import Section, get
from linkage.web.texts import Text
from procuratorate_node.cluework.deadlines import local_day
from procuratorate_node.node import Node
from procuratorate_node.pending import clue_day, pending_for

TITLE = Text("今日待办", "To do today")
KINDS: Final = {
    "screening.approve": (Text("筛查申请待批准签署", "Screenings to approve and sign"), "/rounds/"),
    "people.approve": (Text("还原身份待批准", "Openings to approve"), "/clues/"),
    "award.decide": (Text("救助金额待决定", "Awards to decide"), "/clues/"),
    "referrals.approve": (Text("转介待批准", "Referrals to approve"), "/clues/"),
    "rules.approve": (Text("模型和表的变更待批准", "Changes of models and tables to approve"), "/rules/changes/"),
    "standing.approve": (Text("常态筛查待批准", "Standing orders to approve"), "/standing/"),
    "referrals.record": (Text("转介逾期未答复", "Referrals overdue"), "/clues/"),
    "screening.start": (Text("已签署、待启动的筛查", "Signed screenings to start"), "/rounds/"),
    "award.pay": (Text("已决定、待支付", "Awards to pay"), "/clues/"),
    "referrals.send": (Text("已批准、待发出的转介", "Referrals to send"), "/clues/"),
}


def show(page: Page) -> Response:
    node = page.node(Node)
    today = local_day(node.clock())
    day = None
    if page.may("cluework.note"):
        day = clue_day(node.board, page.officer, today=today)
    waiting = pending_for(node.store, page.may, today=today)
    return page.render("todo/day.html", title=TITLE, waiting=waiting, kinds=KINDS, day=day, today=today)


SECTION = Section(TITLE, get("/", "pages.home", show))

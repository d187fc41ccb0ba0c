"""Standing orders: what runs by itself, who approved it, what its rounds brought."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from linkage.web.page import Page
from linkage.web.routes import Section, get, post
from linkage.web.texts import Text
from procuratorate_node.node import Node
from procuratorate_node.standing.listing import standing_of
from procuratorate_node.standing.order import StandingOrder
from procuratorate_node.workbench.rounds.words import CHANGES, STATES

TITLE = Text("常态筛查", "Standing orders")
ORDER_STATES: Final = {
    "new": (Text("未申请，或有改动", "not asked for, or changed"), "quiet"),
    "waiting": (Text("待批准", "waiting for approval"), "warn"),
    "running": (Text("执行中", "in force"), "good"),
    "ended": (Text("已停止", "ended"), "quiet"),
}


def often(order: StandingOrder) -> Text:
    """Return how often an order runs."""
    if order.every == "day":
        return Text(f"每日 {order.hour:02}:00", f"daily at {order.hour:02}:00")
    if order.every == "stage":
        return Text(f"案件进入新阶段时（每日 {order.hour:02}:00 看）", f"on a new stage, seen at {order.hour:02}:00")
    return Text(f"每月 {order.day} 日 {order.hour:02}:00", f"monthly on day {order.day} at {order.hour:02}:00")


def show_all(page: Page) -> Response:
    node = page.node(Node)
    found = [standing_of(node.standing, order) for order in node.config.standing]
    return page.render("standing/list.html", title=TITLE, orders=found, often=often, states=ORDER_STATES)


def show(page: Page) -> Response:
    node = page.node(Node)
    found = standing_of(node.standing, node.standing.order(page.parameters["order"]))
    title = Text(f"常态筛查 {found.order.id}", f"Standing order {found.order.id}")
    return page.render(
        "standing/show.html",
        title=title,
        found=found,
        often=often,
        states=ORDER_STATES,
        round_states=STATES,
        changes=CHANGES,
    )


def request(page: Page) -> Response:
    node, order = page.node(Node), page.parameters["order"]
    node.standing.ask(order, by=page.officer, now=node.clock())
    return page.redirect(f"/standing/{order}", said=Text("已申请，等另一人批准", "Requested; another officer approves"))


def approve(page: Page) -> Response:
    node, order = page.node(Node), page.parameters["order"]
    node.standing.approve(order, by=page.officer, now=node.clock())
    return page.redirect(f"/standing/{order}", said=Text("已批准", "Approved"))


def stop(page: Page) -> Response:
    node, order = page.node(Node), page.parameters["order"]
    node.standing.end(order, by=page.officer, now=node.clock())
    return page.redirect(f"/standing/{order}", said=Text("已停止", "Ended"))


SECTION = Section(
    TITLE,
    get("/standing", "standing.list_orders", show_all),
    get("/standing/{order}", "standing.show", show),
    post("/standing/{order}/request", "standing.request", request),
    post("/standing/{order}/approve", "standing.approve", approve),
    post("/standing/{order}/stop", "standing.stop", stop),
)

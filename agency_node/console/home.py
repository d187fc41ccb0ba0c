"""The start page: what waits for a decision, and whether the node is well."""

from __future__ import annotations

from starlette.responses import Response

from agency_node.console.health import signs
from agency_node.console.office import Console
from agency_node.console.words import FIELDS, MODES
from agency_node.decisions import DecisionState
from agency_node.policy_file import load_policy
from agency_node.policy_rules import AllowRule
from linkage.errors import LinkageError
from linkage.web.page import Page
from linkage.web.routes import Section, get
from linkage.web.texts import Text

TITLE = Text("首页", "Start")


def show(page: Page) -> Response:
    console = page.node(Console)
    answers = console.answers
    waiting = (
        (Text("待决定的轮次", "Rounds to decide"), "/rounds", "rounds", _rounds(console)),
        (Text("待决定的调取", "Releases to decide"), "/releases", "releases", len(answers.releases.all("WAITING"))),
        (Text("待办理的转介", "Referrals to handle"), "/referrals", "referrals", _referrals(console)),
    )
    epoch = console.keys.manifest.active_epoch
    return page.render(
        "home.html",
        title=TITLE,
        waiting=[(title, path, count) for title, path, action, count in waiting if page.may(action)],
        rules=_rules(console) if page.may("agreements") else (),
        signs=list(signs(console, now=answers.clock())) if page.may("status") else [],
        fields=FIELDS,
        modes=MODES,
        datasets_of=console.titled,
        names={party.id: party.name for party in console.keys.manifest.parties_all},
        today=answers.today,
        epoch=epoch,
        consortium=console.keys.manifest.consortium,
    )


def _rules(console: Console) -> tuple[AllowRule, ...]:
    """Return the rules of the policy; a file that cannot be read is told among the signs."""
    try:
        return load_policy(console.config.policy).allow
    except LinkageError:
        return ()


def _rounds(console: Console) -> int:
    return sum(found.state is DecisionState.WAITING for found in console.answers.decisions.all())


def _referrals(console: Console) -> int:
    return sum(found.state in ("RECEIVED", "ACCEPTED") for found in console.answers.referrals.all())


SECTION = Section(TITLE, get("/", "pages.home", show))

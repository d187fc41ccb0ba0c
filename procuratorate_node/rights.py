"""Which role may use which command; what is not listed here nobody may (三员分立: disjoint rights, decision 0053).

The three administrators keep the node, the accounts and the record, and never see a case. Whoever asks never approves,
whoever approves never asks. Rows are "module.function" of procuratorate_node.steps, as the parser names them.
"""

from __future__ import annotations

from typing import Final

from linkage.accounts.desk import ADMINISTRATORS, AUDITOR, SECURITY, SYSTEM
from linkage.accounts.desk import RIGHTS as ACCOUNT_RIGHTS
from linkage.accounts.gate import OPEN, Rights, Titles, roles

OFFICER: Final = "case-officer"
APPROVER: Final = "approver"
TITLES: Final[Titles] = {
    **ADMINISTRATORS,
    OFFICER: ("承办检察官", "case officer"),
    APPROVER: ("审批人", "approver"),
}
ROLES: Final = frozenset(TITLES)
BOTH: Final = roles(OFFICER, APPROVER)  # Reading, masked.
ASKS: Final = roles(OFFICER)
APPROVES: Final = roles(APPROVER)
LOOKS: Final = roles(OFFICER, APPROVER, AUDITOR)  # Rounds, rules and figures: no case, no person.
ANYBODY: Final = roles(OPEN)  # Works on a file it is given, or runs before there are accounts, or is the service.


def _rows(allowed: frozenset[str], names: str) -> Rights:
    return dict.fromkeys(names.split(), allowed)


RIGHTS: Final[Rights] = {
    **ACCOUNT_RIGHTS,
    **_rows(ANYBODY, "setup.init keeping.restore screening.run workbench.serve letters.export"),
    **_rows(ANYBODY, "models.check models.list_models models.show"),
    **_rows(ANYBODY, "amount.as_json amount.benchmark amount.show award.benchmark rules.test"),
    **_rows(ANYBODY, "upkeep.doctor upkeep.make_bundle"),  # They must work on a broken node, and name nobody.
    "pages.home": ROLES,
    "pages.record": roles(AUDITOR),
    **_rows(roles(SYSTEM), "setup.check keeping.backup keeping.verify_backup"),
    **_rows(roles(SECURITY), "keeping.accept_restart"),
    **_rows(roles(AUDITOR), "overlap.verify"),
    **_rows(roles(SECURITY, AUDITOR, OFFICER, APPROVER), "rules.history"),
    **_rows(LOOKS, "screening.rounds screening.show standing.list_orders standing.show"),
    **_rows(LOOKS, "search.list_searches referrals.catalogue letters.list_letters governance.show governance.export"),
    **_rows(LOOKS, "overview.statistics overview.inventory rules.diff rules.export"),
    **_rows(BOTH, "clues.list_clues clues.show clues.history clues.todo clues.show_neglected cluework.explain"),
    **_rows(BOTH, "lists.aside lists.cases lists.classes lists.file lists.kinds lists.locality"),
    **_rows(BOTH, "worklist.list_unmatched handing_over.list_handovers people.show"),
    **_rows(BOTH, "award.list_awards award.show papers.show relays.releases supervision.list_lane"),
    **_rows(BOTH, "referrals.list_referrals referrals.show referrals.suggestions referrals.letter supervision.letter"),
    **_rows(ASKS, "setup.read papers.read screening.request screening.start screening.close screening.cancel"),
    **_rows(ASKS, "standing.request standing.stop search.ask rules.activate rules.revert clues.export"),
    **_rows(ASKS, "cluework.assign cluework.check cluework.close cluework.confirm cluework.defer cluework.elements"),
    **_rows(ASKS, "cluework.follow cluework.needs cluework.note cluework.reject cluework.reopen cluework.resume"),
    **_rows(ASKS, "cluework.watch people.request relays.ask relays.show award.draft award.propose award.pay"),
    **_rows(ASKS, "referrals.draft referrals.send referrals.resend referrals.record referrals.verify"),
    **_rows(ASKS, "referrals.close worklist.visited worklist.aided worklist.drop supervision.accept supervision.draft"),
    **_rows(ASKS, "supervision.correct supervision.answer supervision.close supervision.dismiss handing_over.add"),
    **_rows(ASKS, "courier.take courier.pack courier.status"),
    **_rows(APPROVES, "screening.approve standing.approve rules.approve people.approve referrals.approve"),
    **_rows(APPROVES, "supervision.approve award.approve award.decide award.refuse award.budget"),
}

"""Which role may use which command; what is not listed here nobody may (decision 0053).

Operators keep the register's daily work, approvers decide what leaves; neither does the other's part, and the three
administrators do none of it. Rows are the commands, with _ for -.
"""

from __future__ import annotations

from typing import Final

from linkage.accounts.desk import ADMINISTRATORS, AUDITOR, SECURITY, SYSTEM
from linkage.accounts.desk import RIGHTS as ACCOUNT_RIGHTS
from linkage.accounts.gate import OPEN, Rights, Titles, roles

OPERATOR: Final = "operator"
APPROVER: Final = "approver"
TITLES: Final[Titles] = {
    **ADMINISTRATORS,
    OPERATOR: ("经办人", "operator"),
    APPROVER: ("审批人", "approver"),
}
ROLES: Final = frozenset(TITLES)
BOTH: Final = roles(OPERATOR, APPROVER)
LOOKS: Final = roles(OPERATOR, APPROVER, AUDITOR)
RIGHTS: Final[Rights] = {
    **ACCOUNT_RIGHTS,
    **dict.fromkeys(("doctor", "diagnose"), roles(OPEN)),  # They must work on a broken node, and name nobody.
    # Setting up (into an empty state), the services, one file given by name.
    **dict.fromkeys(("init", "run", "serve", "check", "restore"), roles(OPEN)),
    **dict.fromkeys(("backup", "verify_backup"), roles(SYSTEM)),
    "accept_restart": roles(SECURITY),
    "pages.home": ROLES,
    "pages.receipts": LOOKS,
    "pages.import": roles(OPERATOR),
    **dict.fromkeys(("datasets", "status"), LOOKS | roles(SYSTEM)),
    **dict.fromkeys(("agreements", "rounds", "preview", "releases"), LOOKS),
    "risk": roles(OPERATOR, APPROVER, SECURITY),
    "referrals": BOTH,
    **dict.fromkeys(("enter", "referral_update"), roles(OPERATOR)),
    **dict.fromkeys(("courier_import", "courier_export", "courier_status"), roles(OPERATOR)),
    **dict.fromkeys(("approve", "refuse", "release_approve", "release_refuse"), roles(APPROVER)),
}

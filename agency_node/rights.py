"""Which role may use which command; what is not listed here nobody may (decision 0053).

Operators keep the register's daily work, approvers decide what leaves; neither does the other's part, and the three
administrators do none of it. Rows are the commands, with _ for -.
"""

from __future__ import annotations

from typing import Final

from linkage.accounts.desk import ADMINISTRATION, AUDITOR, SECURITY, SYSTEM
from linkage.accounts.desk import RIGHTS as ACCOUNT_RIGHTS
from linkage.accounts.gate import OPEN, Rights, roles

OPERATOR: Final = "operator"
APPROVER: Final = "approver"
ROLES: Final = ADMINISTRATION | roles(OPERATOR, APPROVER)
BOTH: Final = roles(OPERATOR, APPROVER)
LOOKS: Final = roles(OPERATOR, APPROVER, AUDITOR)
RIGHTS: Final[Rights] = {
    **ACCOUNT_RIGHTS,
    # Setting up, the services, one file given by name.
    **dict.fromkeys(("init", "run", "serve", "check"), roles(OPEN)),
    "pages.home": ROLES,
    **dict.fromkeys(("datasets", "status"), LOOKS | roles(SYSTEM)),
    **dict.fromkeys(("agreements", "rounds", "preview", "releases"), LOOKS),
    "risk": roles(OPERATOR, APPROVER, SECURITY),
    "referrals": BOTH,
    **dict.fromkeys(("enter", "referral_update"), roles(OPERATOR)),
    **dict.fromkeys(("approve", "refuse", "release_approve", "release_refuse"), roles(APPROVER)),
}

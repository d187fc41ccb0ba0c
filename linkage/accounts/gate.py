"""One place decides whether a command runs: by a table of action → roles, and nothing that is not in it runs.

OPEN actions need no person: making a folder, starting the service, signing in. A node without accounts refuses all
others, unless SINGLE_USER says that this is an exercise: then the officer is whom `--by` names, as nobody signed in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NoReturn

from linkage.accounts.book import Account, AccountBook
from linkage.accounts.sessions import Record, Sessions
from linkage.errors import PermissionRefused

OPEN: Final = "open"
SINGLE_USER: Final = "LINKAGE_SINGLE_USER"
EXERCISE: Final = "exercise"  # The one value of SINGLE_USER that means something.
FIRST: Final = "accounts.add"  # The first account is made by whoever sets the node up; linkage/accounts/desk.py.
Rights = Mapping[str, frozenset[str]]
Titles = Mapping[str, tuple[str, str]]  # Roles in words, Chinese and English.


def roles(*names: str) -> frozenset[str]:
    """Return the roles of one row of a table of rights."""
    return frozenset(names)


@dataclass(frozen=True, slots=True)
class Gate:
    """Admit or refuse one action of one node, whose roles are those of `titles`."""

    rights: Rights = field(repr=False)
    book: AccountBook
    sessions: Sessions = field(repr=False)
    record: Record = field(repr=False)
    single_user: bool = False
    titles: Titles = field(default_factory=dict, repr=False)

    def admit(self, action: str, *, by: str = "") -> str:
        """Return the name of the officer acting, "" where nobody needs to be known.

        `by` is whom the command line names: the person signed in. Raises PermissionRefused, in the log first.
        """
        allowed = self.rights.get(action, frozenset())
        if OPEN in allowed:
            return by
        if self.book.is_empty():
            return self._without_accounts(action, allowed, by)
        account = self.sessions.current()
        if account is None:
            self._refuse(action, "", "nobody is signed in", hint=("用 accounts sign-in 登录", "accounts sign-in NAME"))
        if account.role not in allowed:
            self._refuse_role(action, account, allowed)
        if by and by != account.name:
            self._refuse(action, account.name, "--by names somebody else than who is signed in")
        return account.name

    def _without_accounts(self, action: str, allowed: frozenset[str], by: str) -> str:
        if action == FIRST or (self.single_user and allowed):
            return by
        hint = "先用 accounts add 建立安全管理员账户", "make the security administrator's account first: accounts add"
        self._refuse(action, "", "no accounts are configured", hint=hint)

    def _refuse_role(self, action: str, account: Account, allowed: frozenset[str]) -> NoReturn:
        """Refuse whom the table does not name; the log has the role's id, people its title and who may."""
        reason = f"role {account.role} may not do this"
        zh, en = self._title(account.role)
        may = [self._title(role) for role in sorted(allowed)]
        hint = (f"可以做的角色：{'、'.join(t[0] for t in may)}", f"roles that may: {', '.join(t[1] for t in may)}")
        told = (f"{zh}没有这项权限", f"the role of {en} may not do this")
        self._refuse(action, account.name, reason, told=told, hint=hint if may else ("", ""))

    def _title(self, role: str) -> tuple[str, str]:
        return self.titles.get(role, (role, role))

    def _refuse(
        self, action: str, name: str, why: str, *, told: tuple[str, str] | None = None, hint: tuple[str, str] = ("", "")
    ) -> NoReturn:
        self.record("action.refused", {"action": action, "account": name, "reason": why})
        zh, en = told or (CHINESE[why], why)
        raise PermissionRefused(
            f"无权执行 {action}：{zh}",
            f"not allowed: {action}: {en}",
            hint_zh=hint[0],
            hint_en=hint[1],
        )


CHINESE: Mapping[str, str] = {
    "nobody is signed in": "没有登录，或登录已过期",
    "no accounts are configured": "本节点还没有建立账户",
    "--by names somebody else than who is signed in": "--by 与登录人不是同一人",
}

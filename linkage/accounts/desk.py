"""What the security administrator does with accounts, the same for both kinds of node: add, disable, unlock, reset."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from linkage.accounts.book import Account, AccountBook
from linkage.accounts.gate import OPEN, Rights, Titles, roles
from linkage.accounts.proofs import SECRET_BYTES, RandomBytes, check_password, enrolment_uri, hash_password
from linkage.accounts.sessions import Record
from linkage.errors import ConfigError, PermissionRefused

SECURITY: Final = "security-administrator"
SYSTEM: Final = "system-administrator"
AUDITOR: Final = "auditor"
ADMINISTRATORS: Final[Titles] = {
    SECURITY: ("安全管理员", "security administrator"),
    SYSTEM: ("系统管理员", "system administrator"),
    AUDITOR: ("审计员", "auditor"),
}
ADMINISTRATION: Final = frozenset(ADMINISTRATORS)
RIGHTS: Final[Rights] = {
    "accounts.add": roles(SECURITY),
    "accounts.disable": roles(SECURITY),
    "accounts.unlock": roles(SECURITY),
    "accounts.reset": roles(SECURITY),
    "accounts.list": roles(SECURITY, AUDITOR),
    "accounts.sign_in": roles(OPEN),
    "accounts.sign_out": roles(OPEN),
    "accounts.whoami": roles(OPEN),
}


@dataclass(frozen=True, slots=True)
class AccountDesk:
    """Change the accounts of one node; who may has been decided by the gate. `issuer` is the node's name on devices."""

    book: AccountBook
    record: Record = field(repr=False)
    issuer: str
    random_bytes: RandomBytes = field(repr=False)

    def add(self, name: str, role: str, password: str, *, by: str) -> Account:
        """Make an account; its second factor is shown once. Raises ConfigError, InputError."""
        first = self.book.is_empty()
        if first and role != SECURITY:
            raise ConfigError(
                f"第一个账户必须是安全管理员（{SECURITY}）",
                f"the first account is the security administrator's ({SECURITY})",
            )
        check_password(password, name=name)
        account = Account(name, role, hash_password(password, self.random_bytes), self._new_secret())
        self.record("account.added", {"account": name, "role": role, "by": by, "first": first})
        self.book.add(account)
        return account

    def reset(self, name: str, password: str, *, by: str) -> Account:
        """Give an account a new password and second factor. Raises NotFoundError, InputError."""
        self.book.get(name)
        check_password(password, name=name)
        hashed, secret = hash_password(password, self.random_bytes), self._new_secret()
        self.record("account.reset", {"account": name, "by": by})

        def made_anew(account: Account) -> Account:
            return replace(account.ended(), password=hashed, secret=secret, failures=0, locked_until=0, last_step=0)

        return self.book.change(name, made_anew)

    def disable(self, name: str, *, by: str) -> None:
        """Disable an account for good. Raises NotFoundError, PermissionRefused for the account in use."""
        account = self.book.get(name)
        if account.name == by:
            raise PermissionRefused("不能停用自己的账户", "nobody disables the account in use")
        self.record("account.disabled", {"account": name, "by": by})
        self.book.change(name, lambda a: replace(a.ended(), enabled=False))

    def unlock(self, name: str, *, by: str) -> None:
        """Let an account that failed too often try again. Raises NotFoundError."""
        self.book.get(name)
        self.record("account.unlocked", {"account": name, "by": by})
        self.book.change(name, lambda a: replace(a, failures=0, locked_until=0))

    def enrolment(self, account: Account) -> str:
        """Return the URI a device takes up; it holds the second factor and is shown once."""
        return enrolment_uri(bytes.fromhex(account.secret), issuer=self.issuer, name=account.name)

    def _new_secret(self) -> str:
        return self.random_bytes(SECRET_BYTES).hex()

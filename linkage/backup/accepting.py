"""Accept another party's word that its log began again; until then the new log is refused like any rollback.

Where the linkage unit's own log began again, the chain of witnesses that it carried began again, too: what is held of
every log is set aside, and each is followed from its next step. What is set aside stays for the reviewer.
"""

from __future__ import annotations

from pathlib import Path

from linkage.audit.log import AuditLog
from linkage.audit.restart import Restart, keep_accepted, verify_restart
from linkage.errors import AuditError, InputError
from linkage.keys.signing import Signed
from linkage.keys.store import PartyKeys


def accept_restart(keys: PartyKeys, log: AuditLog, file: Path, *, by: str) -> Restart:
    """Verify a statement, write the entry, keep it; again changes nothing. Raises AuditError, InputError."""
    try:
        text = file.read_bytes()
    except OSError:
        raise InputError(f"读不到 {file.name}", f"cannot read {file.name}") from None
    party = keys.manifest.party(Signed.parse(text).signer)
    if party.id == keys.party.id:
        raise InputError("这是本单位自己的声明", "this statement is our own")
    found = verify_restart(text, party=party.id, key=party.signing_key)
    known = log.peer_origin(party.id, "").removeprefix("/")
    if known > found.stamp:
        raise AuditError("已经接受过更新的声明", "a newer statement was accepted already")
    if known == found.stamp:
        return found  # Accepted already: what follows from it may be done again.
    facts = {"peer": party.id, "backup_at": found.backup_at, "old_root": found.old_root, "by": by}
    log.append("peer.restarted", {**facts, "reason": found.reason, "old_size": found.old_size, "stamp": found.stamp})
    everybody = [p.id for p in keys.manifest.parties()]
    keep_accepted(log.folder, found, text, aside=everybody if party.role == "coordinator" else [party.id])
    return found

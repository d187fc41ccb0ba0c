"""What a node's restored database may not say of its rounds, and what is due when the linkage unit was restored.

The maps of positions are in no backup, and decisions after it are forgotten. A round that went on would be answered
from another order of rows: a release would be about another person. So every open round ends here, with that reason.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from linkage.owner.participation import ACTIVE, OUTBOX, ROUNDS

REASON: Final = (
    "本节点从备份恢复，轮次在本单位作废 | this node was restored from a backup; its part in the round is over"
)


def end_rounds(connection: sa.Connection) -> tuple[str, ...]:
    """End our part in every open round: what is left is erased and stated when the node runs. Return the rounds."""
    still = ROUNDS.c.step.in_([str(step) for step in ACTIVE])
    ended = tuple(connection.execute(sa.select(ROUNDS.c.round_id).where(still).order_by(ROUNDS.c.seen_at)).scalars())
    connection.execute(ROUNDS.update().where(still).values(erase=True, fault=REASON))
    return ended


def send_again(engine: sa.Engine) -> int:
    """Let every relay that arrived at the linkage unit leave once more: known ones change nothing there."""
    with engine.begin() as connection:
        return connection.execute(OUTBOX.update().where(OUTBOX.c.fault == "").values(sent=False)).rowcount

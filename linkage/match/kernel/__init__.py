"""The fused comparison of packed filters: compiled at first use, on all cores, the threshold inside."""

from __future__ import annotations

from linkage.match.kernel.engine import compare
from linkage.match.kernel.rules import Rule, chance_rule, dice_rule
from linkage.match.kernel.warm import warm_up

__all__ = ["Rule", "chance_rule", "compare", "dice_rule", "warm_up"]

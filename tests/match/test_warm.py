"""Compiling the matcher as a step of its own."""

from __future__ import annotations

from linkage.match import tables, warm_up
from linkage.schema import load_schema


def test_warming_up_compiles_every_loop_and_says_what_it_took() -> None:
    clock, said = iter([10.0, 11.0, 12.0, 40.0]), list[tuple[int, int]]()
    seconds = warm_up(
        load_schema("person-v1"), monotonic=lambda: next(clock), progress=lambda done, total: said.append((done, total))
    )
    # What only other loops call is a part of them, and of their code in the cache.
    loops = {name: loop for name, loop in vars(tables).items() if not name.startswith("_")}
    compiled = [loop for loop in loops.values() if hasattr(loop, "signatures")]

    assert (seconds, said) == (30.0, [(0, 2), (1, 2), (2, 2)])
    assert len(compiled) >= 10 and all(loop.signatures for loop in compiled)

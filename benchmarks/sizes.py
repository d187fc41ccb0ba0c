"""How much each size of a run does. "smoke" needs no peer and less than a minute, "small" minutes, "full" hours."""

from __future__ import annotations

from dataclasses import dataclass

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Size:
    """Hold the rows, repetitions and inputs of every section."""

    name: str
    kernel_rows: int
    kernel_repeats: int
    scaling_rows: int  # Of the comparison of one core with all.
    reference_rows: int  # Rows of the comparison with the plain reference.
    encode_rows: int
    encode_repeats: int
    peer_rows: int
    memory_rows: tuple[int, ...]
    febrl_files: tuple[str, ...]
    febrl_secrets: int
    febrl_people: int  # Attacked; 0 = no attack.
    counties: tuple[tuple[int, str], ...]  # Seed and profile.
    population: int
    join: Pair
    join_repeats: int
    growth: tuple[Pair, ...]
    growth_repeats: int
    attacked: int
    attack_seeds: int
    large: Pair


SIZES = {
    "smoke": Size(
        "smoke", kernel_rows=400, kernel_repeats=1, scaling_rows=2048, reference_rows=400,
        encode_rows=600, encode_repeats=1,
        peer_rows=600, memory_rows=(500, 1500), febrl_files=("febrl1",), febrl_secrets=1, febrl_people=0,
        counties=((104, "normal"),), population=3000, join=(2000, 20000), join_repeats=1, growth=((200, 2000),),
        growth_repeats=1, attacked=200, attack_seeds=1, large=(0, 0),
    ),
    "small": Size(
        "small", kernel_rows=4096, kernel_repeats=3, scaling_rows=32_768, reference_rows=1000,
        encode_rows=60_000, encode_repeats=1,
        peer_rows=10_000, memory_rows=(30_000, 300_000), febrl_files=("febrl4p", "febrl3"), febrl_secrets=1,
        febrl_people=600, counties=((104, "normal"),), population=10_000, join=(200_000, 2_000_000), join_repeats=2,
        growth=((1000, 10_000), (10_000, 100_000)), growth_repeats=1, attacked=600, attack_seeds=1,
        large=(10_000, 100_000),
    ),
    "full": Size(
        "full", kernel_rows=10_240, kernel_repeats=7, scaling_rows=65_536, reference_rows=2000,
        encode_rows=500_000, encode_repeats=3,
        peer_rows=30_000, memory_rows=(100_000, 1_000_000, 10_000_000),
        febrl_files=("febrl4p", "febrl3", "febrl1", "febrl2"), febrl_secrets=3, febrl_people=3000,
        counties=((104, "normal"), (203, "harsh")), population=60_000, join=(1_000_000, 10_000_000), join_repeats=3,
        growth=((1000, 10_000), (10_000, 100_000), (100_000, 1_000_000)), growth_repeats=3, attacked=3000,
        attack_seeds=3, large=(1_000_000, 10_000_000),
    ),
}  # fmt: skip

"""What the demo's command line asks for."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from linkage.errors import ConfigError

ALL_MODELS = "all"
PROFILES = ("clean", "normal", "harsh")


@dataclass(frozen=True, slots=True)
class Options:
    """Say which county, which models, and where things go. `out` None = a temporary folder, removed unless `keep`."""

    county: Path | None
    population: int
    seed: int
    profile: str
    models: tuple[str, ...]  # () = every model
    out: Path | None
    keep: bool

    def __post_init__(self) -> None:
        if self.county is not None and not (self.county / "agencies").is_dir():
            raise ConfigError(f"{self.county} 里没有 agencies 文件夹", f"{self.county} has no folder agencies")
        if self.population < 500:
            raise ConfigError("人口至少 500", "the population must be at least 500")


def parser() -> argparse.ArgumentParser:
    """Return the command line's parser."""
    made = argparse.ArgumentParser(
        prog="linkage demo",
        description="在本机启动整个联合体，对一个虚构的县跑完一轮 | run a whole consortium here on a fictitious county",
    )
    made.add_argument("--county", type=Path, help="县数据文件夹 | folder with agencies/ and procuratorate/")
    made.add_argument("--generate", action="store_true", help="生成一个县（默认）| generate a county (the default)")
    made.add_argument("--population", type=int, default=6000, help="生成的人口 | people to generate")
    made.add_argument("--seed", type=int, default=11, help="生成用的种子 | seed of the generator")
    made.add_argument("--profile", choices=PROFILES, default="normal", help="数据质量 | how dirty the data are")
    made.add_argument("--models", default=ALL_MODELS, help="模型编号，逗号分隔，或 all | model ids, comma, or all")
    made.add_argument("--out", type=Path, help="结果和日志的文件夹 | folder for results and logs")
    made.add_argument("--keep", action="store_true", help="不删各方的状态 | keep the parties' state folders")
    return made


def parse_options(argv: Sequence[str]) -> Options:
    """Read the command line. Raises ConfigError; argparse itself ends the program on unknown options."""
    given = parser().parse_args(argv)
    if given.county is not None and given.generate:
        raise ConfigError("--county 和 --generate 只能选一个", "choose one of --county and --generate")
    names = [name.strip().upper() for name in given.models.split(",") if name.strip()]
    if not names:
        raise ConfigError("--models 不能为空", "--models must not be empty")
    return Options(
        county=given.county.resolve() if given.county else None,
        population=given.population,
        seed=given.seed,
        profile=given.profile,
        models=() if names == [ALL_MODELS.upper()] else tuple(dict.fromkeys(names)),
        out=given.out.resolve() if given.out else None,
        keep=given.keep,
    )

"""The risk meter's report: one line per attack, Chinese first; shares only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from linkage.risk.meter import Finding
from linkage.schema import EncodingSchema

TITLES = {
    "dictionary": ("没有密钥，逐个试值", "trying values without the key", "有密钥", "with the key"),
    "frequency": ("数令牌出现的次数", "counting tokens", "单是姓氏的令牌", "a token of the surname alone"),
    "patterns": ("找常见的位组合", "mining bit patterns", "无扩散", "no diffusion"),
    "known_1": ("已知 1 % 的对应关系", "knowing 1 % of the pairs", "无扩散", "no diffusion"),
    "known_10": ("已知 10 % 的对应关系", "knowing 10 % of the pairs", "无扩散", "no diffusion"),
}


def heading(dataset: str, as_of: str, people: int, schema: EncodingSchema) -> Iterator[str]:
    """Yield what was measured and what the attacker is given."""
    used = f"{schema.id} {schema.digest[:12]}"
    yield f"风险测评 risk：数据集 dataset {dataset}，截至 as of {as_of}，{people} 人 people，{used}"
    yield "攻击者有这些人的全部明文和程序，看到一次上传，没有密钥 | it has all plaintexts and the program, not the key"


def finding_line(finding: Finding) -> str:
    """Return one attack's share of people found, its limit, and the control that shows that it bites."""
    zh, en, control_zh, control_en = TITLES[finding.attack]
    mark = "通过 ok" if finding.passes else "超限 TOO HIGH"
    return (
        f"{mark}  {zh} {en}：{finding.found:.2%}（上限 limit {finding.limit:.2%}；"
        f"对照 control，{control_zh} {control_en}：{finding.control:.2%}）"
    )


def verdict(findings: Sequence[Finding]) -> str:
    """Return the last line."""
    over = [f.attack for f in findings if not f.passes]
    if over:
        return f"超过上限：{'、'.join(over)}；不宜上传 | over the limit: {', '.join(over)}; better not upload"
    return "都在上限之内；这些攻击以外的风险不在其中 | within the limits; other attacks are not covered"

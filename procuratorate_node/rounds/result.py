"""From the opened result of a round to findings: positions back to anchors, payloads to tags."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from linkage.encode.payload import Payload, open_payload, unpack_payload
from linkage.encoded import Grade
from linkage.errors import EncodingError
from linkage.keys.sealing import RecipientKey
from linkage.owner.encoding import upload_key_info
from linkage.plan import Verdict
from linkage.rpc.result import ResultLink, RoundResult
from linkage.warrant import RoundWarrant
from procuratorate_node.outcome import Finding, Hit, Link, leaf_verdict

Read = tuple[ResultLink, Payload]
VERDICTS: Mapping[str, Verdict] = {"yes": Verdict.YES, "cannot-tell": Verdict.CANNOT_TELL}


class PayloadReader:
    """Open the sealed payloads of one round."""

    def __init__(self, result: RoundResult, recipient: RecipientKey, *, schema_tags: Sequence[str]) -> None:
        digest = result.warrant_digest
        self._digest = digest
        self._tags = schema_tags
        self._keys = {
            population: recipient.open(sealed, info=upload_key_info(digest, population))
            for population, sealed in result.upload_keys.items()
        }

    def payload(self, link: ResultLink) -> Payload:
        """Return what one link's row says of itself, nothing without a payload. Raises EncodingError."""
        if not link.payload:
            return Payload()
        key = self._keys.get(link.population)
        if key is None:
            raise EncodingError("结果缺少载荷密钥", "the result lacks a payload key")
        aad = self._digest + link.population.encode()
        return unpack_payload(open_payload(key, link.position, link.payload, aad=aad), self._tags)


def check_result(result: RoundResult, warrant: RoundWarrant, *, anchors: int) -> None:
    """Hold a result to the warrant it answers: the coordinator made it and is not believed. Raises EncodingError.

    Its models, its anchors and its populations must be the warrant's, a link must be to a population its model asks
    about positively, and no bound of the warrant may be passed.
    """
    asked = {m.id: Counter(m.plan.leaves()) - Counter(m.plan.negative_leaves()) for m in warrant.models}
    payloads = {spec.id for spec in warrant.populations if spec.payload}
    fits = len(result.rows) <= warrant.limits.max_result_rows and set(result.upload_keys) <= payloads
    for row in result.rows:
        fits = fits and row.model in asked and row.anchor < anchors
        fits = fits and all(link.population in asked[row.model] for link in row.links)
        fits = fits and all(bool(link.payload) == (link.population in payloads) for link in row.links)
    if not fits:
        raise EncodingError(
            "结果与委托书不符，整体不采用；请与链接单元核对",
            "the result does not fit its warrant and is not used; ask the linkage unit",
        )


def findings_of(result: RoundResult, numbers: Sequence[int], payloads: PayloadReader) -> Iterable[Finding]:
    """Yield the findings. `numbers` maps the coordinator's anchor position to our anchor number.

    A link to a dummy row (linkage/owner/padding.py) is about nobody and is dropped without a word.
    """
    for row in result.rows:
        grouped: dict[str, list[Read]] = defaultdict(list)
        for link in row.links:
            payload = payloads.payload(link)
            if not payload.dummy:
                grouped[link.population].append((link, payload))
        hits = {population: _hit(population, links) for population, links in grouped.items()}
        yield Finding(row.model, numbers[row.anchor], VERDICTS[row.verdict], hits)


def _hit(population: str, links: Sequence[Read]) -> Hit:
    """Keep the links that are as good as the best one's verdict; a person's tags are those of all his rows."""
    best = min(link.grade_value for link, _ in links)
    kept = [(link, payload) for link, payload in links if _verdict(link.grade_value) == _verdict(best)]
    return Hit(
        population,
        best,
        tags=frozenset(tag for _, payload in kept for tag in payload.tags),
        links=tuple(sorted(Link(population, link.position, link.grade) for link, _ in kept)),
    )


def _verdict(grade: Grade) -> Verdict:
    return leaf_verdict(Hit("", grade), negative=False)

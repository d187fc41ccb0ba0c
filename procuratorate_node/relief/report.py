"""A proposal as JSON for pages and stores: money as text, no floats, nothing personal, no reference."""

from __future__ import annotations

from decimal import Decimal

from linkage.keys.canonical import JSON
from procuratorate_node.relief.caps import CapStep
from procuratorate_node.relief.checklist import Line
from procuratorate_node.relief.formula import Term
from procuratorate_node.relief.money import plain
from procuratorate_node.relief.peers import PeerBand
from procuratorate_node.relief.proposal import Proposal
from procuratorate_node.relief.table_file import Head
from procuratorate_node.relief.wording import cap_text, explain, peer_text, term_text

VERSION = 1


def proposal_json(proposal: Proposal) -> dict[str, JSON]:
    """Return everything a page draws; canonical JSON takes it."""
    tables, rules = proposal.tables, proposal.tables.rules
    return {
        "version": VERSION,
        "digest": proposal.digest,
        "decided_on": proposal.facts.decided_on.isoformat(),
        "region": tables.region.code,
        "amount": plain(proposal.amount),
        "stopped": proposal.calculation.stopped,
        "eligible": proposal.checklist.eligible.value,
        "checklist": [_line(n) for n in proposal.checklist.lines],
        "score": {
            "total": plain(proposal.score.total),
            "tier": proposal.score.tier.code,
            "parts": [[origin, plain(points)] for origin, points in proposal.score.parts],
        },
        "tier": proposal.calculation.tier.code,
        "range": [plain(proposal.range.low), plain(proposal.range.high)],
        "terms": [_term(t) for t in proposal.calculation.terms],
        "caps": [_cap(s, proposal) for s in proposal.caps],
        "peers": _peers(proposal.peers, proposal.amount),
        "tables": {
            "scale": _head(tables.scale.head, tables.scale.digest),
            "rules": _head(rules.head, rules.digest),
            "figures": {"digest": tables.figures_digest, "status": tables.figures_status},
            "wage": {
                "year": tables.wage.year,
                "published": tables.wage.published.isoformat(),
                "monthly": plain(tables.wage.monthly),
                "source": tables.wage.source,
            },
        },
        "lines": [{"zh": t.zh, "en": t.en} for t in explain(proposal)],
    }


def _line(line: Line) -> JSON:
    item = line.item
    return {
        "code": item.code,
        "kind": item.kind,
        "zh": item.zh,
        "en": item.en,
        "source": item.source,
        "answer": line.answer.value,
        "look_zh": line.look_zh,
        "look_en": line.look_en,
    }


def _term(term: Term) -> JSON:
    text = term_text(term)
    return {
        "code": term.code,
        "symbol": term.symbol,
        "zh": term.zh,
        "en": term.en,
        "value": plain(term.value),
        "unit": term.unit,
        "source": term.source,
        "line_zh": text.zh,
        "line_en": text.en,
    }


def _cap(step: CapStep, proposal: Proposal) -> JSON:
    text = cap_text(step, proposal.tables.rules)
    grounds = [g.code for g in proposal.tables.rules.grounds if g.cap == step.cap.code]
    return {
        "code": step.cap.code,
        "limit": _sum(step.limit),
        "before": plain(step.before),
        "after": plain(step.after),
        "binds": step.binds,
        "exceedable": step.cap.exceedable,
        "roles": list(step.cap.roles),
        "grounds": grounds,
        "needs": list(step.cap.needs),
        "source": step.cap.source,
        "line_zh": text.zh,
        "line_en": text.en,
    }


def _peers(band: PeerBand, amount: Decimal) -> JSON:
    text = peer_text(band)
    return {
        "keys": list(band.keys),
        "cases": band.cases,
        "since": band.since.isoformat(),
        "until": band.until.isoformat(),
        "median": _sum(band.middle),
        "low": _sum(band.low),
        "high": _sum(band.high),
        "outside": band.outside(amount),
        "line_zh": text.zh,
        "line_en": text.en,
    }


def _head(head: Head, digest: str) -> JSON:
    return {"id": head.id, "version": head.version, "status": head.status, "digest": digest}


def _sum(amount: Decimal | None) -> JSON:
    return None if amount is None else plain(amount)

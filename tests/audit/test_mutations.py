from __future__ import annotations

from typing import Any

from benchmarks.audit_mutations import MUTATIONS, parties_of, try_mutations


def test_every_mutation_is_found_by_what_others_hold_and_by_reconcile(place: Any) -> None:
    tried = try_mutations(place.root, parties_of(place.root), count=300, seed=20261031)

    assert {t.kind for t in tried} == set(MUTATIONS) and {t.party for t in tried} == {"hub", "jcy", "mz", "cl"}
    assert [t for t in tried if not t.foreign] == []
    assert [t for t in tried if not t.reconciled] == []

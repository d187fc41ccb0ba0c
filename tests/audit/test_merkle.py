from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.audit.merkle import (
    EMPTY_ROOT,
    CompactRange,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    tree_root,
    verify_consistency,
    verify_inclusion,
)
from linkage.errors import AuditError

# The eight leaves and the roots that the implementations of certificate transparency share.
LEAVES = [bytes.fromhex(h) for h in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")]
LEAVES.append(bytes(range(0x60, 0x70)))
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def reference_root(leaves: list[bytes]) -> bytes:
    """Transcribe MTH of RFC 9162 2.1.1, recursively, over raw entries."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\1" + reference_root(leaves[:split]) + reference_root(leaves[split:])).digest()


def hashes(count: int) -> list[bytes]:
    return [leaf_hash(str(i).encode()) for i in range(count)]


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_certificate_transparency(size: int) -> None:
    assert tree_root([leaf_hash(e) for e in LEAVES[:size]]).hex() == ROOTS[size]


@given(st.lists(st.binary(max_size=5), max_size=70))
def test_compact_range_agrees_with_the_recursive_definition(entries: list[bytes]) -> None:
    tree = CompactRange()
    for count, entry in enumerate(entries, start=1):
        tree.append(leaf_hash(entry))
        assert tree.size == count
    assert tree.root() == reference_root(entries)


def test_known_inclusion_proof() -> None:
    # RFC 6962 test data: leaf 5 (from 0) of 8.
    proof = inclusion_proof([leaf_hash(e) for e in LEAVES], 5)
    assert [p.hex()[:8] for p in proof] == ["bc1a0643", "ca854ea1", "d37ee418"]


@pytest.mark.parametrize("size", range(1, 34))
def test_every_inclusion_proof_verifies(size: int) -> None:
    leaves = hashes(size)
    for index in range(size):
        proof = inclusion_proof(leaves, index)
        verify_inclusion(leaves[index], index, size=size, proof=proof, root=tree_root(leaves))


@pytest.mark.parametrize("size", range(34))
def test_every_consistency_proof_verifies(size: int) -> None:
    leaves = hashes(size)
    for old in range(size + 1):
        proof = consistency_proof(leaves, old)
        verify_consistency(tree_root(leaves[:old]), tree_root(leaves), old_size=old, new_size=size, proof=proof)


SEVEN = hashes(7)
ROOT7, ROOT5 = tree_root(SEVEN), tree_root(SEVEN[:5])
PROOF = inclusion_proof(SEVEN, 4)
GROWTH = consistency_proof(SEVEN, 5)
OTHER = leaf_hash(b"other")


@pytest.mark.parametrize(
    ("leaf", "index", "size", "proof", "root"),
    [
        (OTHER, 4, 7, PROOF, ROOT7),
        (SEVEN[4], 5, 7, PROOF, ROOT7),
        (SEVEN[4], 4, 8, PROOF[:-1], ROOT7),
        (SEVEN[4], 4, 4, PROOF, ROOT7),
        (SEVEN[4], -1, 7, PROOF, ROOT7),
        (SEVEN[4], 4, 7, [], ROOT7),
        (SEVEN[4], 4, 7, [*PROOF, OTHER], ROOT7),
        (SEVEN[4], 4, 7, PROOF[::-1], ROOT7),
        (SEVEN[4], 4, 7, [PROOF[0][:31], *PROOF[1:]], ROOT7),
        (SEVEN[4], 4, 7, PROOF, OTHER),
        (b"", 0, 1, [], b""),
        (SEVEN[4] + b"x", 4, 7, PROOF, ROOT7),
        (EMPTY_ROOT, 0, 0, [], EMPTY_ROOT),
    ],
)
def test_bad_inclusion_proofs_are_refused(leaf: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> None:
    with pytest.raises(AuditError):
        verify_inclusion(leaf, index, size=size, proof=proof, root=root)


@pytest.mark.parametrize(
    ("old_root", "new_root", "old", "new", "proof"),
    [
        (OTHER, ROOT7, 5, 7, GROWTH),
        (ROOT5, OTHER, 5, 7, GROWTH),
        (ROOT5, ROOT7, 5, 7, []),
        (ROOT5, ROOT7, 5, 7, GROWTH[:-1]),
        (ROOT5, ROOT7, 5, 7, [*GROWTH, OTHER]),
        (ROOT5, ROOT7, 5, 7, GROWTH[::-1]),
        (ROOT5, ROOT7, 4, 7, GROWTH),
        (ROOT5, ROOT7, 7, 5, GROWTH),
        (ROOT7, ROOT7, 7, 7, [OTHER]),
        (ROOT5, ROOT7, 7, 7, []),
        (OTHER, ROOT7, 0, 7, []),
        (EMPTY_ROOT, ROOT7, 0, 7, [OTHER]),
        (EMPTY_ROOT, ROOT7, -1, 7, []),
        (ROOT5, ROOT7, 5, 7, [b"", *GROWTH[1:]]),
        (b"", b"", 0, 0, []),
    ],
)
def test_bad_consistency_proofs_are_refused(
    old_root: bytes, new_root: bytes, old: int, new: int, proof: list[bytes]
) -> None:
    with pytest.raises(AuditError):
        verify_consistency(old_root, new_root, old_size=old, new_size=new, proof=proof)


@given(st.integers(2, 40), st.data())
def test_a_proof_with_one_flipped_bit_never_verifies(size: int, draw: st.DataObject) -> None:
    leaves = hashes(size)
    index = draw.draw(st.integers(0, size - 1))
    proof = inclusion_proof(leaves, index)
    position, bit = draw.draw(st.integers(0, len(proof) - 1)), draw.draw(st.integers(0, 255))
    changed = bytearray(proof[position])
    changed[bit // 8] ^= 1 << bit % 8
    proof[position] = bytes(changed)
    with pytest.raises(AuditError):
        verify_inclusion(leaves[index], index, size=size, proof=proof, root=tree_root(leaves))


def test_leaf_and_node_are_hashed_apart() -> None:
    assert leaf_hash(EMPTY_ROOT + EMPTY_ROOT) != node_hash(EMPTY_ROOT, EMPTY_ROOT)
    with pytest.raises(AuditError):
        CompactRange().append(b"short")

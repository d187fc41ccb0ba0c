"""Merkle trees as RFC 9162 (2.1) and RFC 6962 hash them: SHA-256, leaf prefix 0x00, node prefix 0x01.

Pure functions and one compact range. Every hash that comes in is checked to have 32 bytes, since a verifier that takes
hashes of other lengths accepts proofs of trees that never were.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from linkage.errors import AuditError

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """Return SHA-256(0x00 + entry) (RFC 9162 2.1.1)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(0x01 + left + right) (RFC 9162 2.1.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class CompactRange:
    """Hold the roots of the perfect subtrees over the first `size` leaves, largest first; append is O(log n)."""

    __slots__ = ("_roots", "size")

    def __init__(self) -> None:
        self._roots: list[bytes] = []
        self.size = 0

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash."""
        check_hashes(leaf)
        # Each trailing one-bit of the size is a perfect subtree that the new leaf completes to a larger one.
        rest = self.size
        while rest & 1:
            leaf = node_hash(self._roots.pop(), leaf)
            rest >>= 1
        self._roots.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """Return the tree's root (RFC 9162 2.1.1); SHA-256 of nothing for the empty tree."""
        if not self._roots:
            return EMPTY_ROOT
        found = self._roots[-1]
        for left in reversed(self._roots[:-1]):
            found = node_hash(left, found)
        return found


def tree_root(leaves: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes."""
    tree = CompactRange()
    for leaf in leaves:
        tree.append(leaf)
    return tree.root()


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the path from a leaf to the root over `leaves`, lowest first (RFC 9162 2.1.3.1)."""
    if not 0 <= index < len(leaves):
        raise _bad("index outside the tree")
    proof: list[bytes] = []
    low, high = 0, len(leaves)
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            proof.append(tree_root(leaves[middle:high]))
            high = middle
        else:
            proof.append(tree_root(leaves[low:middle]))
            low = middle
    return proof[::-1]


def verify_inclusion(leaf: bytes, index: int, *, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Return when the leaf at `index` is in the tree (RFC 9162 2.1.3.2). Raises AuditError."""
    check_hashes(leaf, root, *proof)
    if not 0 <= index < size:
        raise _bad("index outside the tree")
    position, last, found = index, size - 1, leaf
    for part in proof:
        if last == 0:
            raise _bad("the inclusion proof is too long")
        if position & 1 or position == last:
            found = node_hash(part, found)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            found = node_hash(found, part)
        position, last = position >> 1, last >> 1
    if last != 0 or found != root:
        raise _bad("the inclusion proof does not lead to the root")


def consistency_proof(leaves: Sequence[bytes], old_size: int) -> list[bytes]:
    """Return the proof that the first `old_size` leaves are a prefix of the tree (RFC 9162 2.1.4.1)."""
    if not 0 <= old_size <= len(leaves):
        raise _bad("old size outside the tree")
    if old_size in (0, len(leaves)):
        return []
    proof: list[bytes] = []
    low, high, whole = 0, len(leaves), True
    while old_size != high:
        middle = low + _split(high - low)
        if old_size <= middle:
            proof.append(tree_root(leaves[middle:high]))
            high = middle
        else:
            proof.append(tree_root(leaves[low:middle]))
            low, whole = middle, False
    if not whole:
        proof.append(tree_root(leaves[low:high]))
    return proof[::-1]


def verify_consistency(
    old_root: bytes, new_root: bytes, *, old_size: int, new_size: int, proof: Sequence[bytes]
) -> None:
    """Return when the old tree is a prefix of the new one (RFC 9162 2.1.4.2). Raises AuditError."""
    check_hashes(old_root, new_root, *proof)
    if not 0 <= old_size <= new_size:
        raise _bad("the tree shrank")
    if old_size in (0, new_size):
        _verify_trivial(old_root, new_root, old_size=old_size, new_size=new_size, proof=proof)
        return
    if not proof:
        raise _bad("the consistency proof is empty")
    # A power of two is itself a node of the new tree, so the RFC leaves its hash out of the proof.
    path = [old_root, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    position, last = old_size - 1, new_size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old_found = new_found = path[0]
    for part in path[1:]:
        if last == 0:
            raise _bad("the consistency proof is too long")
        if position & 1 or position == last:
            old_found, new_found = node_hash(part, old_found), node_hash(part, new_found)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            new_found = node_hash(new_found, part)
        position, last = position >> 1, last >> 1
    if last != 0 or old_found != old_root or new_found != new_root:
        raise _bad("the consistency proof does not lead to both roots")


def check_hashes(*hashes: bytes) -> None:
    """Return when every value has 32 bytes. Raises AuditError."""
    for value in hashes:
        if len(value) != HASH_BYTES:
            raise _bad(f"a hash of {len(value)} bytes")


def _verify_trivial(old_root: bytes, new_root: bytes, *, old_size: int, new_size: int, proof: Sequence[bytes]) -> None:
    if proof:
        raise _bad("a proof where none is needed")
    if (old_size == 0 and old_root != EMPTY_ROOT) or (old_size == new_size and old_root != new_root):
        raise _bad("the roots differ")


def _split(size: int) -> int:
    """Return the largest power of two smaller than `size` (> 1)."""
    return 1 << (size - 1).bit_length() - 1


def _bad(what: str) -> AuditError:
    return AuditError(f"默克尔证明不成立：{what}", f"Merkle proof refused: {what}")

"""The formats, checked by what is not ours: a maintained Merkle package, and vectors that others publish.

* pymerkle (RFC 6962 trees) recomputes our roots, and its proofs verify here and ours there.
* The note of golang.org/x/mod/sumdb/note's own tests, signed by its published example key.
* The roots and proofs that the certificate-transparency implementations share (transparency-dev/merkle, testdata).
* A plain transcription of C2SP's texts in this file, which shares no line with the program, reads what it writes.
"""

from __future__ import annotations

import base64
import hashlib
import random
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pymerkle import InmemoryTree, verify_consistency, verify_inclusion
from pymerkle.proof import MerkleProof

from linkage.audit import merkle
from linkage.audit.log import ENTRIES
from linkage.audit.note import COSIGNATURE, key_hash, parse_note, sign_note, verifier_text, verify_note
from linkage.audit.notes import note_path, note_sizes
from linkage.audit.proof import policy_text, prove_entry
from linkage.errors import AuditError
from linkage.keys.signing import SigningKey, VerifyKey

# golang.org/x/mod/sumdb/note, note_test.go.
VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SKEY = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
LINE = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"


def test_the_published_note_of_another_implementation_verifies_and_is_reproduced() -> None:
    seed = base64.b64decode(SKEY.split("+", 4)[4])[1:]
    signing = SigningKey(Ed25519PrivateKey.from_private_bytes(seed))
    assert verifier_text("PeterNeumann", signing.verify_key) == VKEY
    assert sign_note(TEXT, name="PeterNeumann", key=signing).to_text() == f"{TEXT}\n{LINE}"
    verify_note(parse_note(f"{TEXT}\n{LINE}"), name="PeterNeumann", key=signing.verify_key)
    with pytest.raises(AuditError):
        changed = TEXT.replace("answer", "Answer")
        verify_note(parse_note(f"{changed}\n{LINE}"), name="PeterNeumann", key=signing.verify_key)


# transparency-dev/merkle: proofs over the eight leaves whose roots test_merkle.py holds.
LEAVES = [bytes.fromhex(h) for h in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")]
LEAVES.append(bytes(range(0x60, 0x70)))
INCLUSION = [
    (0, 8, ["96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"]),
    (5, 8, ["bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"]),
    (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (1, 5, ["6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"]),
]  # fmt: skip
CONSISTENCY = [
    (1, 8, ["96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"]),
    (6, 8, ["0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"]),
    (2, 5, ["5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"]),
]  # fmt: skip


@pytest.mark.parametrize(("index", "size", "path"), INCLUSION)
def test_published_inclusion_proofs_are_ours(index: int, size: int, path: list[str]) -> None:
    leaves = [merkle.leaf_hash(leaf) for leaf in LEAVES[:size]]
    proof = [bytes.fromhex(part) for part in path]
    assert merkle.inclusion_proof(leaves, index) == proof
    merkle.verify_inclusion(leaves[index], index, size=size, proof=proof, root=merkle.tree_root(leaves))


@pytest.mark.parametrize(("old", "size", "path"), CONSISTENCY)
def test_published_consistency_proofs_are_ours(old: int, size: int, path: list[str]) -> None:
    leaves = [merkle.leaf_hash(leaf) for leaf in LEAVES[:size]]
    proof = [bytes.fromhex(part) for part in path]
    assert merkle.consistency_proof(leaves, old) == proof


@pytest.fixture(scope="module")
def grown() -> tuple[InmemoryTree, list[bytes]]:
    """Return one tree of another implementation and our leaf hashes, over the same 300 random entries."""
    chance = random.Random(6962)
    entries = [chance.randbytes(chance.randrange(1, 200)) for _ in range(300)]
    tree = InmemoryTree(algorithm="sha256")
    for entry in entries:
        tree.append_entry(entry)
    return tree, [merkle.leaf_hash(entry) for entry in entries]


def test_another_implementation_computes_our_leaves_and_roots(grown: tuple[InmemoryTree, list[bytes]]) -> None:
    tree, leaves = grown
    assert [tree.get_leaf(i + 1) for i in range(300)] == leaves
    assert [tree.get_root(size) for size in range(1, 301)] == [
        merkle.tree_root(leaves[:size]) for size in range(1, 301)
    ]


@pytest.mark.parametrize(("index", "size"), [(0, 1), (0, 300), (299, 300), (137, 256), (128, 129), (200, 299)])
def test_our_inclusion_proofs_convince_another_implementation(
    grown: tuple[InmemoryTree, list[bytes]], index: int, size: int
) -> None:
    tree, leaves = grown
    proof = tree.prove_inclusion(index + 1, size)
    verify_inclusion(leaves[index], merkle.tree_root(leaves[:size]), proof)
    assert [bytes.fromhex(h) for h in _path(proof)][1:] == merkle.inclusion_proof(leaves[:size], index)


@pytest.mark.parametrize(("old", "size"), [(1, 300), (128, 300), (255, 256), (299, 300), (100, 200)])
def test_another_implementation_sees_the_same_growth(
    grown: tuple[InmemoryTree, list[bytes]], old: int, size: int
) -> None:
    tree, leaves = grown
    one, other = merkle.tree_root(leaves[:old]), merkle.tree_root(leaves[:size])
    verify_consistency(one, other, tree.prove_consistency(old, size))
    merkle.verify_consistency(
        one, other, old_size=old, new_size=size, proof=merkle.consistency_proof(leaves[:size], old)
    )


def _path(proof: MerkleProof) -> list[str]:
    found: Any = proof.serialize()["path"]
    return list(found)


def test_a_whole_log_is_recomputed_by_another_implementation(place: Any) -> None:
    folder = place.folder("mz")
    tree = InmemoryTree(algorithm="sha256")
    for line in (folder / ENTRIES).read_bytes().split(b"\n")[:-1]:
        tree.append_entry(line)
    stated = {size: note_path(folder, size).read_text("utf-8").split("\n")[2] for size in note_sizes(folder) if size}
    assert stated and {size: base64.b64encode(tree.get_root(size)).decode() for size in stated} == stated


def plain_keys(policy: str) -> tuple[dict[tuple[str, bytes], bytes], dict[tuple[str, bytes], bytes]]:
    """Read a tlog-policy as its text says: (name, key id) → public key, for logs and for witnesses."""
    logs: dict[tuple[str, bytes], bytes] = {}
    witnesses: dict[tuple[str, bytes], bytes] = {}
    for words in (line.split() for line in policy.splitlines()):
        if words[0] in ("log", "witness"):
            name, key_id, material = words[-1].split("+", 2)
            raw = base64.b64decode(material)
            kind = b"\x01" if words[0] == "log" else b"\x04"
            assert raw[:1] == kind and hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4].hex() == key_id
            (logs if words[0] == "log" else witnesses)[name, bytes.fromhex(key_id)] = raw[1:]
    return logs, witnesses


def plain_verify(proof: str, policy: str) -> tuple[bytes, int, int]:
    """Verify a .tlog-proof by the words of C2SP and RFC 9162 alone; return entry, size and number of cosignatures."""
    logs, witnesses = plain_keys(policy)
    head, _, rest = proof.partition("\n\n")
    first, extra, index_line, *path = head.split("\n")
    assert first == "c2sp.org/tlog-proof@v1"
    entry, index = base64.b64decode(extra.split(" ")[1], validate=True), int(index_line.split(" ")[1])
    body, _, signatures = rest.rpartition("\n\n")
    origin, size, root = body.split("\n")
    signed = cosigned = 0
    for line in signatures.splitlines():
        dash, name, blob = line.split(" ")
        raw = base64.b64decode(blob, validate=True)
        assert dash == "—"
        if (name, raw[:4]) in logs:
            assert name == origin
            Ed25519PublicKey.from_public_bytes(logs[name, raw[:4]]).verify(raw[4:], f"{body}\n".encode())
            signed += 1
        elif (name, raw[:4]) in witnesses:
            message = f"cosignature/v1\ntime {int.from_bytes(raw[4:12], 'big')}\n{body}\n".encode()
            Ed25519PublicKey.from_public_bytes(witnesses[name, raw[:4]]).verify(raw[12:], message)
            cosigned += 1
    assert signed == 1
    assert plain_root(hashlib.sha256(b"\0" + entry).digest(), index, int(size), path) == base64.b64decode(root)
    return entry, int(size), cosigned


def plain_root(node: bytes, index: int, size: int, path: list[str]) -> bytes:
    """Fold a path recursively from the top: the half of the tree that holds the leaf decides where its hash goes."""
    if size == 1:
        assert not path
        return node
    half = 1 << (size - 1).bit_length() - 1
    sibling = base64.b64decode(path[-1])
    if index < half:
        return hashlib.sha256(b"\1" + plain_root(node, index, half, path[:-1]) + sibling).digest()
    return hashlib.sha256(b"\1" + sibling + plain_root(node, index - half, size - half, path[:-1])).digest()


def test_every_proof_of_a_log_is_verified_by_the_words_of_the_specification(place: Any) -> None:
    policy = policy_text(place.manifest, "mz", witnesses=["hub", "jcy", "cl"])
    lines = (place.folder("mz") / ENTRIES).read_bytes().split(b"\n")[:-1]
    for index, line in enumerate(lines):
        entry, size, cosigned = plain_verify(prove_entry(place.folder("mz"), index).to_text(), policy)
        assert entry == line and size > index and cosigned >= 1


def test_a_cosignature_has_a_key_id_of_its_own() -> None:
    key = VerifyKey(bytes(32))
    assert key_hash("a", key) != key_hash("a", key, COSIGNATURE)
    assert key_hash("a", key, COSIGNATURE) == hashlib.sha256(b"a\n\x04" + bytes(32)).digest()[:4]

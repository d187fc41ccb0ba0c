"""Wrap a private file under a passphrase: Argon2id (RFC 9106) makes the key, AES-256-GCM seals the content.

One ASCII line, its parts base64; everything before the nonce is authenticated with the content:

    linkage/v1/wrapped argon2id m=65536,t=3,p=4 <16-byte salt> <12-byte nonce> <ciphertext and 16-byte tag>

Files wrapped together share the salt, so that a node derives one key at its start; each has its own nonce.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from linkage.errors import InputError, KeyMaterialError
from linkage.keys.canonical import encode_base64, parse_base64

VERSION = "linkage/v1/wrapped"
MEMORY_KIB, PASSES, LANES = 64 * 1024, 3, 4
MOST_MEMORY_KIB, MOST_PASSES, MOST_LANES = 1024 * 1024, 10, 16
SALT_BYTES, NONCE_BYTES, KEY_BYTES = 16, 12, 32
LEAST_LENGTH, LEAST_DIFFERENT = 12, 6
COST = re.compile(r"m=([1-9][0-9]{0,7}),t=([1-9][0-9]?),p=([1-9][0-9]?)")


@dataclass(frozen=True, slots=True)
class Wrapping:
    """Say how a key is made from a passphrase: Argon2id's memory (KiB), passes, lanes and 16-byte salt."""

    salt: bytes
    memory: int = MEMORY_KIB
    passes: int = PASSES
    lanes: int = LANES

    @property
    def header(self) -> str:
        """Return the first three parts of the line and the salt."""
        cost = f"m={self.memory},t={self.passes},p={self.lanes}"
        return f"{VERSION} argon2id {cost} {encode_base64(self.salt)}"

    def key_from(self, passphrase: str) -> bytes:
        """Return the 32-byte key of a passphrase, taken in Unicode's NFKC form."""
        made = Argon2id(
            salt=self.salt, length=KEY_BYTES, iterations=self.passes, lanes=self.lanes, memory_cost=self.memory
        )
        return made.derive(unicodedata.normalize("NFKC", passphrase).encode("utf-8"))

    def wrap(self, key: bytes, content: bytes, random_bytes: Callable[[int], bytes]) -> bytes:
        """Return the line that holds `content` under `key`."""
        nonce = random_bytes(NONCE_BYTES)
        sealed = AESGCM(key).encrypt(nonce, content, self.header.encode("ascii"))
        return f"{self.header} {encode_base64(nonce)} {encode_base64(sealed)}\n".encode("ascii")


@dataclass(frozen=True, slots=True)
class Wrapped:
    """Hold a wrapped file taken apart."""

    wrapping: Wrapping
    nonce: bytes
    sealed: bytes

    def open(self, key: bytes) -> bytes | None:
        """Return the content, or None when the key is another or the line was changed."""
        try:
            return AESGCM(key).decrypt(self.nonce, self.sealed, self.wrapping.header.encode("ascii"))
        except InvalidTag:
            return None


def is_wrapped(content: bytes) -> bool:
    """Tell whether a private file's bytes are a wrapped line."""
    return content.startswith(VERSION.encode("ascii") + b" ")


def parse_wrapped(content: bytes) -> Wrapped:
    """Take a wrapped line apart. Raises KeyMaterialError when damaged or costlier than any node would make it."""
    try:
        version, kdf, cost, salt, nonce, sealed = content.decode("ascii").removesuffix("\n").split(" ")
        found = COST.fullmatch(cost)
        if version != VERSION or kdf != "argon2id" or not found:
            raise ValueError(cost)
        memory, passes, lanes = (int(number) for number in found.groups())
        if memory > MOST_MEMORY_KIB or passes > MOST_PASSES or lanes > MOST_LANES or memory < 8 * lanes:
            raise ValueError(cost)
        wrapping = Wrapping(parse_base64(salt, length=SALT_BYTES), memory, passes, lanes)
        return Wrapped(wrapping, parse_base64(nonce, length=NONCE_BYTES), parse_base64(sealed))
    except (ValueError, InputError):
        raise KeyMaterialError(
            "口令保护的文件已损坏，或版本不对", "a wrapped file is damaged, or of another version"
        ) from None


def check_passphrase(passphrase: str) -> None:
    """Return for a passphrase worth having. Raises KeyMaterialError."""
    if len(passphrase) < LEAST_LENGTH or len(set(passphrase)) < LEAST_DIFFERENT:
        raise KeyMaterialError(
            f"口令至少 {LEAST_LENGTH} 个字符，其中至少 {LEAST_DIFFERENT} 个不同",
            f"a passphrase has at least {LEAST_LENGTH} characters, {LEAST_DIFFERENT} of them different",
            hint_zh="可用四五个不相干的词连在一起",
            hint_en="four or five unrelated words in a row will do",
        )

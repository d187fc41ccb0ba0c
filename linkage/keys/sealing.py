"""Seal bytes to one recipient with HPKE (RFC 9180, base mode): ML-KEM-768 + X25519, HKDF-SHA256, AES-256-GCM.

Sealed form: b"linkage/v1/sealed\\0" + encapsulated key (1120 bytes) + ciphertext + 16-byte tag. Base mode does not
say who sealed; where that matters the content is signed or checked against a signed commitment as well.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Self

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from linkage.errors import InputError, KeyMaterialError
from linkage.keys.canonical import encode_base64, parse_base64

MARKER = b"linkage/v1/sealed\0"
FILE_MARKER = "linkage/v1/hpke-key"
MLKEM_PUBLIC_BYTES = 1184
PUBLIC_BYTES = MLKEM_PUBLIC_BYTES + 32
MLKEM_SEED_BYTES = 64
PRIVATE_BYTES = MLKEM_SEED_BYTES + 32
OVERHEAD_BYTES = len(MARKER) + 1088 + 32 + 16


def _suite() -> Suite:
    return Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


@dataclass(frozen=True, slots=True)
class RecipientPublic:
    """Hold a recipient's public key: 1184 bytes ML-KEM-768, then 32 bytes X25519."""

    raw: bytes

    def __post_init__(self) -> None:
        if len(self.raw) != PUBLIC_BYTES:
            raise _malformed_public()
        self._key()

    def _key(self) -> MLKEM768X25519PublicKey:
        try:
            return MLKEM768X25519PublicKey(
                MLKEM768PublicKey.from_public_bytes(self.raw[:MLKEM_PUBLIC_BYTES]),
                X25519PublicKey.from_public_bytes(self.raw[MLKEM_PUBLIC_BYTES:]),
            )
        except (ValueError, UnsupportedAlgorithm):
            raise _malformed_public() from None

    @property
    def key_id(self) -> str:
        """Return the first 8 bytes, in hex, of SHA-256(b"linkage/v1/hpke-key-id\\0" + raw)."""
        return hashlib.sha256(b"linkage/v1/hpke-key-id\0" + self.raw).hexdigest()[:16]

    def seal(self, plaintext: bytes, *, info: bytes) -> bytes:
        """Return sealed bytes, `OVERHEAD_BYTES` longer than the plaintext. Raises KeyMaterialError."""
        try:
            return MARKER + bytes(_suite().encrypt(plaintext, self._key(), info=info))
        except ValueError:
            raise KeyMaterialError("封装失败：接收方公钥无效", "sealing failed: the public key is invalid") from None

    def to_text(self) -> str:
        """Return base64."""
        return encode_base64(self.raw)

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read base64. Raises KeyMaterialError."""
        try:
            return cls(parse_base64(text, length=PUBLIC_BYTES))
        except InputError:
            raise _malformed_public() from None

    def __repr__(self) -> str:
        return f"RecipientPublic({self.key_id})"


class RecipientKey:
    """Hold a recipient's private key; `repr` shows its key id only."""

    __slots__ = ("_mlkem", "_x25519", "public")

    def __init__(self, mlkem: MLKEM768PrivateKey, x25519: X25519PrivateKey) -> None:
        self._mlkem = mlkem
        self._x25519 = x25519
        self.public = RecipientPublic(mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw())

    @classmethod
    def generate(cls) -> Self:
        return cls(MLKEM768PrivateKey.generate(), X25519PrivateKey.generate())

    @property
    def key_id(self) -> str:
        return self.public.key_id

    def open(self, sealed: bytes, *, info: bytes) -> bytes:
        """Return the plaintext. Raises KeyMaterialError when marker, recipient, info or content do not fit."""
        if not sealed.startswith(MARKER) or len(sealed) < OVERHEAD_BYTES:
            raise KeyMaterialError("不是封装数据，或版本不对", "not sealed data, or of another version")
        key = MLKEM768X25519PrivateKey(self._mlkem, self._x25519)
        try:
            return bytes(_suite().decrypt(sealed[len(MARKER) :], key, info=info))
        except (InvalidTag, ValueError):
            raise KeyMaterialError(
                "无法解封：不是封给本方的，用途不符，或已损坏",
                "cannot open: sealed to another key or for another purpose, or damaged",
            ) from None

    def to_file_bytes(self) -> bytes:
        """Return one line: the marker and base64 of 64 seed bytes and 32 X25519 bytes. Reveals the private key."""
        raw = self._mlkem.private_bytes_raw() + self._x25519.private_bytes_raw()
        return f"{FILE_MARKER} {encode_base64(raw)}\n".encode("ascii")

    @classmethod
    def from_file_bytes(cls, content: bytes) -> Self:
        """Read `to_file_bytes`. Raises KeyMaterialError."""
        try:
            marker, text = content.decode("ascii").removesuffix("\n").split(" ")
            raw = parse_base64(text, length=PRIVATE_BYTES)
            if marker != FILE_MARKER:
                raise ValueError(marker)
            return cls(
                MLKEM768PrivateKey.from_seed_bytes(raw[:MLKEM_SEED_BYTES]),
                X25519PrivateKey.from_private_bytes(raw[MLKEM_SEED_BYTES:]),
            )
        except (ValueError, InputError):
            raise KeyMaterialError("不是 HPKE 私钥文件", "not an HPKE private key file") from None

    def __repr__(self) -> str:
        return f"RecipientKey({self.key_id})"

    def __reduce__(self) -> str:
        raise TypeError("a recipient key is not pickled")


def seal(public: RecipientPublic, plaintext: bytes, *, info: bytes) -> bytes:
    """Seal to one recipient; `info` must be given again to open."""
    return public.seal(plaintext, info=info)


def open(private: RecipientKey, sealed: bytes, *, info: bytes) -> bytes:
    """Open what was sealed to this key under the same `info`. Raises KeyMaterialError."""
    return private.open(sealed, info=info)


def _malformed_public() -> KeyMaterialError:
    return KeyMaterialError("HPKE 公钥格式不正确", "malformed HPKE public key")

"""Ed25519 signatures under domain labels, and the envelope signed documents travel in.

A signature covers b"linkage/v1/" + label + b"\\0" + message, so a signature of one kind of document can never stand for
another. `sign_note` is the one exception: C2SP signed notes sign their bare text (which must hold no NUL, so the two
kinds of message cannot meet).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import ClassVar, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from linkage.errors import InputError, KeyMaterialError, SignatureError
from linkage.keys.canonical import canonical_json, encode_base64, parse_base64, parse_canonical_json

PUBLIC_BYTES = 32
SIGNATURE_BYTES = 64
LABEL = re.compile(r"[a-z0-9][a-z0-9/-]{0,63}")


def signed_message(label: str, message: bytes) -> bytes:
    """Return the bytes a signature covers. Raises SignatureError for a malformed label."""
    if not LABEL.fullmatch(label):
        raise SignatureError("签名用途标签不正确", "malformed signature label")
    return b"linkage/v1/" + label.encode("ascii") + b"\0" + message


def key_id_of(public: bytes) -> str:
    """Return the first 8 bytes, in hex, of SHA-256(b"linkage/v1/key-id\\0" + public)."""
    return hashlib.sha256(b"linkage/v1/key-id\0" + public).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class VerifyKey:
    """Hold a public Ed25519 key of 32 bytes."""

    public: bytes

    def __post_init__(self) -> None:
        if len(self.public) != PUBLIC_BYTES:
            raise KeyMaterialError(
                "签名公钥应为 32 字节", f"expected a 32-byte public key, got {len(self.public)} bytes"
            )

    @property
    def key_id(self) -> str:
        return key_id_of(self.public)

    def verify(self, label: str, message: bytes, signature: bytes) -> None:
        """Return when the signature holds. Raises SignatureError."""
        self._verify(signed_message(label, message), signature)

    def verify_note(self, text: bytes, signature: bytes) -> None:
        """Check an unlabelled signature over note text. Raises SignatureError."""
        _refuse_nul(text)
        self._verify(text, signature)

    def _verify(self, message: bytes, signature: bytes) -> None:
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            raise SignatureError(
                f"签名无效（公钥 {self.key_id}）", f"the signature does not verify (key {self.key_id})"
            ) from None

    def to_text(self) -> str:
        return encode_base64(self.public)

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read base64 of 32 bytes. Raises KeyMaterialError."""
        try:
            return cls(parse_base64(text, length=PUBLIC_BYTES))
        except InputError:
            raise KeyMaterialError("签名公钥格式不正确", "malformed public signing key") from None


class SigningKey:
    """Hold a private Ed25519 key; `repr` shows its key id only."""

    __slots__ = ("_private", "verify_key")

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.verify_key = VerifyKey(private.public_key().public_bytes_raw())

    @classmethod
    def generate(cls) -> Self:
        return cls(Ed25519PrivateKey.generate())

    @property
    def key_id(self) -> str:
        return self.verify_key.key_id

    @property
    def public(self) -> bytes:
        """Return the 32 public bytes."""
        return self.verify_key.public

    def sign(self, label: str, message: bytes) -> bytes:
        """Return 64 bytes over the labelled message."""
        return self._private.sign(signed_message(label, message))

    def sign_note(self, text: bytes) -> bytes:
        """Return 64 bytes over the bare text of a C2SP note. Raises SignatureError when it holds a NUL."""
        _refuse_nul(text)
        return self._private.sign(text)

    def to_pem(self) -> bytes:
        """Return PKCS #8 PEM. Reveals the private key."""
        return self._private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def to_raw(self) -> bytes:
        """Return the 32 bytes of RFC 8032. Reveals the private key."""
        return self._private.private_bytes_raw()

    @classmethod
    def from_raw(cls, raw: bytes) -> Self:
        """Read the 32 bytes of RFC 8032. Raises KeyMaterialError."""
        if len(raw) != PUBLIC_BYTES:
            raise KeyMaterialError("Ed25519 私钥应为 32 字节", f"expected a 32-byte private key, got {len(raw)} bytes")
        return cls(Ed25519PrivateKey.from_private_bytes(raw))

    @classmethod
    def from_pem(cls, pem: bytes) -> Self:
        """Read PKCS #8 PEM. Raises KeyMaterialError."""
        try:
            private = load_pem_private_key(pem, password=None)
        except (ValueError, TypeError):
            private = None
        if not isinstance(private, Ed25519PrivateKey):
            raise KeyMaterialError("不是 Ed25519 私钥文件", "not an Ed25519 private key file")
        return cls(private)

    def __repr__(self) -> str:
        return f"SigningKey({self.key_id})"

    def __reduce__(self) -> str:
        raise TypeError("a signing key is not pickled")


@dataclass(frozen=True, slots=True)
class Signed:
    """Carry a document's exact bytes, who signed them and the 64-byte signature."""

    body: bytes
    signer: str
    signature: bytes

    VERSION: ClassVar[str] = "linkage/v1/signed"

    def __post_init__(self) -> None:
        if not self.signer or len(self.signature) != SIGNATURE_BYTES:
            raise SignatureError("签名信封不正确", "malformed signed envelope")

    @classmethod
    def create(cls, label: str, body: bytes, *, signer: str, key: SigningKey) -> Self:
        return cls(body, signer, key.sign(label, body))

    def verify(self, label: str, key: VerifyKey) -> bytes:
        """Return the body once the signature holds. Raises SignatureError."""
        key.verify(label, self.body, self.signature)
        return self.body

    def to_json(self) -> bytes:
        """Return canonical JSON {body, format, signature, signer}; bytes are base64."""
        return canonical_json(
            {
                "body": encode_base64(self.body),
                "format": self.VERSION,
                "signature": encode_base64(self.signature),
                "signer": self.signer,
            }
        )

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read `to_json` bytes and only those; verifies nothing. Raises SignatureError."""
        try:
            found = parse_canonical_json(data)
            if not isinstance(found, dict) or set(found) != {"body", "format", "signature", "signer"}:
                raise _malformed()
            texts = {key: value for key, value in found.items() if isinstance(value, str)}
            if len(texts) != len(found) or texts["format"] != cls.VERSION:
                raise _malformed()
            return cls(parse_base64(texts["body"]), texts["signer"], parse_base64(texts["signature"], length=64))
        except InputError:
            raise _malformed() from None


def _refuse_nul(text: bytes) -> None:
    if b"\0" in text:
        raise SignatureError("便笺正文不得含空字符", "a note must not hold a NUL")


def _malformed() -> SignatureError:
    return SignatureError("签名信封格式不正确", "malformed signed envelope")

"""What proves a person: a password kept as Argon2id (RFC 9106), and a time-based code (RFC 6238).

Argon2id: 64 MiB, 3 passes, 4 lanes, 16 bytes of salt, 32 of tag (RFC 9106 §4, second recommendation), in PHC form.
Codes: HMAC-SHA-1, 6 digits, 30 seconds, one step of skew; a step is accepted once.
"""

from __future__ import annotations

import base64
import unicodedata
from collections.abc import Callable
from datetime import datetime
from typing import Final
from urllib.parse import quote

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from linkage.errors import InputError

RandomBytes = Callable[[int], bytes]
MEMORY_KIB: Final = 64 * 1024
PASSES: Final = 3
LANES: Final = 4
SALT_BYTES: Final = 16
TAG_BYTES: Final = 32
LEAST_LENGTH: Final = 12
MOST_LENGTH: Final = 128
LEAST_DIFFERENT: Final = 6
SECRET_BYTES: Final = 20
DIGITS: Final = 6
STEP_SECONDS: Final = 30
SKEW_STEPS: Final = (0, -1, 1)


def check_password(password: str, *, name: str) -> None:
    """Return when a new password is good enough. Raises InputError saying what is missing, never the password."""
    folded = unicodedata.normalize("NFKC", password)
    if not LEAST_LENGTH <= len(folded) <= MOST_LENGTH:
        raise InputError(
            f"密码应为 {LEAST_LENGTH} 到 {MOST_LENGTH} 个字符",
            f"a password has {LEAST_LENGTH} to {MOST_LENGTH} characters",
        )
    if len(set(folded)) < LEAST_DIFFERENT or name in folded:
        raise InputError(
            f"密码至少要有 {LEAST_DIFFERENT} 种不同的字符，且不得包含账户名",
            f"a password has at least {LEAST_DIFFERENT} different characters and not the account's name",
        )


def hash_password(password: str, random_bytes: RandomBytes) -> str:
    """Return the password's Argon2id hash in PHC form."""
    made = Argon2id(
        salt=random_bytes(SALT_BYTES), length=TAG_BYTES, iterations=PASSES, lanes=LANES, memory_cost=MEMORY_KIB
    )
    return made.derive_phc_encoded(_folded(password))


def is_password(password: str, phc: str) -> bool:
    """Tell whether a password fits its hash; takes as long either way."""
    try:
        Argon2id.verify_phc_encoded(_folded(password), phc)
    except InvalidKey:
        return False
    return True


def _folded(password: str) -> bytes:
    return unicodedata.normalize("NFKC", password).encode()


def code_at(secret: bytes, moment: datetime) -> str:
    """Return the code of a moment: what the officer's device shows."""
    return _totp(secret).generate(int(moment.timestamp())).decode()


def step_of_code(secret: bytes, code: str, moment: datetime) -> int | None:
    """Return the time step a code belongs to, None when it is no code of about now."""
    now = int(moment.timestamp())
    for skew in SKEW_STEPS:
        at = now + skew * STEP_SECONDS
        try:
            _totp(secret).verify(code.encode(), at)
        except (InvalidToken, ValueError):
            continue
        return at // STEP_SECONDS
    return None


def _totp(secret: bytes) -> TOTP:
    return TOTP(secret, DIGITS, hashes.SHA1(), STEP_SECONDS)  # The algorithm devices implement.


def typed_secret(secret: bytes) -> str:
    """Return the secret as a person types it into a device: Base32 in groups of four; shown once."""
    text = base64.b32encode(secret).decode().rstrip("=")
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def enrolment_uri(secret: bytes, *, issuer: str, name: str) -> str:
    """Return the otpauth URI a device takes up; it holds the secret and is shown once."""
    text = typed_secret(secret).replace(" ", "")
    label = quote(f"{issuer}:{name}")
    return f"otpauth://totp/{label}?secret={text}&issuer={quote(issuer)}&digits={DIGITS}&period={STEP_SECONDS}"

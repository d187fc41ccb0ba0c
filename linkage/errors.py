"""Every error the programs raise on purpose.

LinkageError                 code and text for people; never a personal value
├── InputError               a file, row or column is not what was expected
├── ConfigError              a configuration, policy, schema or model file is wrong
├── KeyMaterialError         a key, certificate, manifest or sealed secret is missing, damaged or not ours
├── SignatureError           a signature does not verify, or its signer is not who it must be
├── WarrantError             a warrant, consent or deletion statement breaks a rule
├── PolicyRefusal            the owner's policy or operator said no (a normal outcome, with a reason)
├── RoundStateError          the round is not in a state that allows the step
├── UploadError              an upload's offset, digest, width or count is wrong
├── EncodingError            an encoding, schema digest or key check value does not fit
├── AuditError               the audit log cannot take an entry, or does not verify
├── PermissionRefused        the caller's identity or role does not allow the call
├── NotFoundError            a named round, population, clue or file does not exist
├── LimitError               a quota, size, rate or deadline is exceeded
└── TransportError           the other party cannot be reached, can do nothing right now, or answered out of protocol

Every message has a Chinese text first, an English text beside it and, where one can be given, a hint that says
what to do next. Messages may name files, rows, columns, fields, parties, counts and digests. They never quote a
cell, a name, a number or any other personal value.
"""

from __future__ import annotations


class LinkageError(Exception):
    """Carry a Chinese text, its English twin and a hint; `str()` is both texts on one line."""

    code = "linkage"

    def __init__(self, zh: str, en: str, *, hint_zh: str = "", hint_en: str = "") -> None:
        super().__init__(f"{zh} | {en}")
        self.zh = zh
        self.en = en
        self.hint_zh = hint_zh
        self.hint_en = hint_en

    def lines(self) -> list[str]:
        """Return what a command prints: the error in both languages, then the hint."""
        shown = [f"错误：{self.zh}", f"error: {self.en}"]
        if self.hint_zh or self.hint_en:
            shown += [f"建议：{self.hint_zh}", f"hint: {self.hint_en}"]
        return shown


class InputError(LinkageError):
    code = "input"


class ConfigError(LinkageError):
    code = "config"


class KeyMaterialError(LinkageError):
    code = "key-material"


class SignatureError(LinkageError):
    code = "signature"


class WarrantError(LinkageError):
    code = "warrant"


class PolicyRefusal(LinkageError):
    code = "policy"


class RoundStateError(LinkageError):
    code = "round-state"


class UploadError(LinkageError):
    code = "upload"


class EncodingError(LinkageError):
    code = "encoding"


class AuditError(LinkageError):
    code = "audit"


class PermissionRefused(LinkageError):
    code = "permission"


class NotFoundError(LinkageError):
    code = "not-found"


class LimitError(LinkageError):
    code = "limit"


class TransportError(LinkageError):
    code = "transport"


def unforeseen(error: Exception) -> LinkageError:
    """Return the error that stands for one nobody foresaw: only its kind is told, for its text might quote a row."""
    kind = type(error).__name__
    return LinkageError(
        f"程序内部错误（{kind}）",
        f"internal error ({kind})",
        hint_zh="程序会再试；若一直如此，请把诊断包交给维护人员",
        hint_en="it is tried again; if it stays, hand the diagnostic bundle to whoever maintains the program",
    )

"""revoked.toml: the officers' signed deny-list of parties and certificates, checked on every call.

TLS certificates live for days and gRPC knows no revocation list, so this file is what cuts a party off at once. Body
and signatures share one file, so a reader never sees one without the other: the signatures are the last lines,
"# signature key-id base64", over the bytes above them, under the label "revocation". Versions only grow; a list that
does not verify stops all traffic rather than none.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from linkage.errors import KeyMaterialError
from linkage.keys.fields import HEX32, NAME, Table, Value, parse_toml, raise_faults, render_toml
from linkage.keys.officers import Officers, signature_line
from linkage.keys.signing import SigningKey
from linkage.keys.times import parse_utc

FORMAT = "linkage/v1/revocation"
LABEL = "revocation"
FILE = "revoked.toml"
PREFIX = "# signature "
ANY = re.compile("|" + NAME.pattern)
ANY_HEX = re.compile("|" + HEX32.pattern)


@dataclass(frozen=True, slots=True)
class Revoked:
    """Cut off one party (id) or one certificate (hex SHA-256 of DER); the other is ""."""

    party: str
    certificate: str
    since: str
    reason: str

    def __post_init__(self) -> None:
        if bool(self.party) == bool(self.certificate):
            raise KeyMaterialError("吊销条目须指明单位或证书之一", "name either a party or a certificate")
        parse_utc(self.since)


@dataclass(frozen=True, slots=True)
class RevocationList:
    """Hold one version of the list of one consortium."""

    consortium: str
    version: int
    issued: str
    entries: tuple[Revoked, ...] = ()

    def is_revoked(self, party: str, fingerprint: str, at: datetime) -> bool:
        """Tell whether the party or its certificate is cut off at that moment."""
        return any(
            (party == entry.party != "" or fingerprint == entry.certificate != "") and parse_utc(entry.since) <= at
            for entry in self.entries
        )

    def to_text(self) -> str:
        """Return the body officers sign."""
        rows: list[dict[str, Value]] = [
            {"party": e.party, "certificate": e.certificate, "since": e.since, "reason": e.reason} for e in self.entries
        ]
        top: dict[str, Value] = {
            "format": FORMAT,
            "consortium": self.consortium,
            "version": self.version,
            "issued": self.issued,
        }
        return render_toml(top, [("revoked", rows)])


def sign_revocations(text: str, key: SigningKey) -> str:
    """Return the file's text with one more officer's signature line."""
    body, _ = split_signatures(text)
    return text + PREFIX + signature_line(key, label=LABEL, message=body.encode("utf-8")) + "\n"


def split_signatures(text: str) -> tuple[str, list[str]]:
    """Return the body and the signature lines below it. Raises KeyMaterialError for anything below those."""
    lines = text.splitlines(keepends=True)
    first = next((i for i, line in enumerate(lines) if line.startswith(PREFIX)), len(lines))
    below = lines[first:]
    if not all(line.startswith(PREFIX) and line.endswith("\n") for line in below):
        raise KeyMaterialError("吊销名单签名之后还有别的内容", "the revocation list goes on below its signatures")
    return "".join(lines[:first]), [line[len(PREFIX) : -1] for line in below]


def parse_revocations(text: str, *, officers: Officers, consortium: str) -> RevocationList:
    """Verify m officers' signatures, then read. Raises SignatureError, KeyMaterialError."""
    body, signatures = split_signatures(text)
    officers.verify(LABEL, body.encode("utf-8"), signatures)
    found = parse_revocation_draft(body)
    if found.consortium != consortium:
        raise KeyMaterialError("吊销名单属于另一个联合体", "the revocation list belongs to another consortium")
    return found


def parse_revocation_draft(text: str) -> RevocationList:
    """Read a list nobody vouches for. Raises KeyMaterialError with every fault."""
    faults: list[str] = []
    table = Table(parse_toml(text, FILE), "", faults)
    if table.text("format") != FORMAT:
        table.fault("format", f"expected {FORMAT}")
    consortium, version, issued = (
        table.text("consortium", NAME),
        table.integer("version", 1, 10**9),
        table.text("issued"),
    )
    entries: list[Revoked] = []
    for row in table.tables("revoked", required=False):
        party, certificate = row.text("party", ANY), row.text("certificate", ANY_HEX)
        since, reason = row.text("since"), row.text("reason")
        if row.built("since", parse_utc) is not None and bool(party) != bool(certificate):
            entries.append(Revoked(party, certificate, since, reason))
        else:
            row.fault("party", "name either a party or a certificate, and since when")
        row.finish()
    table.finish()
    raise_faults(faults, FILE)
    return RevocationList(consortium, version, issued, tuple(entries))


class RevocationFile:
    """Read the list again whenever the file changes; safe for several threads."""

    def __init__(self, path: Path, *, officers: Officers, consortium: str) -> None:
        self._path = path
        self._officers = officers
        self._consortium = consortium
        self._lock = threading.Lock()
        self._seen: tuple[int, int, int] | None = None
        self._list = RevocationList(consortium, 1, "")
        self._loaded = False

    def current(self) -> RevocationList:
        """Return the newest list; a file that never existed is an empty list.

        Raises SignatureError or KeyMaterialError when the file is bad, older than before, or gone again.
        """
        try:
            stat = self._path.stat()  # Outside the lock: every call and every stream comes by here.
        except FileNotFoundError:
            if self._loaded:
                raise KeyMaterialError("吊销名单不见了", "the revocation list has disappeared") from None
            return self._list
        seen = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        with self._lock:
            if seen != self._seen:
                self._load()
                self._seen = seen
            return self._list

    def _load(self) -> None:
        try:
            text = self._path.read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            raise KeyMaterialError("吊销名单无法读取", "the revocation list cannot be read") from None
        found = parse_revocations(text, officers=self._officers, consortium=self._consortium)
        if self._loaded and found.version < self._list.version:
            raise KeyMaterialError("吊销名单版本倒退", "the revocation list went back to an older version")
        self._list, self._loaded = found, True

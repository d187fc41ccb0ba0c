"""Do again, from a copy of a round's columns, what the worker did: the same encodings must give the same result."""

from __future__ import annotations

import shutil
from hashlib import sha256
from pathlib import Path

import numpy as np

from linkage.coordinator import worker
from linkage.coordinator.job import JOB_FILE, RESULT_FILE, Job
from linkage.coordinator.spool import columns_folder
from linkage.encoded import EncodedPopulation, open_columns
from linkage.keys.sealing import RecipientKey
from linkage.match import link
from linkage.rpc.result import RoundResult, open_result
from linkage.schema import load_schema
from linkage.warrant import RoundWarrant


def warrant_in(copy: Path) -> RoundWarrant:
    """Return the warrant of a copied round folder."""
    return RoundWarrant.from_bytes(Job.load(copy).warrant)


def delivered_result(copy: Path, key: RecipientKey) -> RoundResult:
    """Open the sealed result in a copied round folder, as its requester can."""
    return open_result((copy / RESULT_FILE).read_bytes(), key, warrant_digest=warrant_in(copy).digest)


def recomputed_result(copy: Path, key: RecipientKey, scratch: Path) -> RoundResult:
    """Match a copy's columns from the beginning, in this process."""
    scratch.mkdir()
    shutil.copy(copy / JOB_FILE, scratch)
    shutil.copytree(copy / "columns", scratch / "columns")
    worker.run(scratch, link, say=lambda stage, done, total: None)
    return delivered_result(scratch, key)


def population_in(copy: Path, population: str) -> EncodedPopulation:
    """Open one population's columns in a copied round folder."""
    warrant = warrant_in(copy)
    layout = load_schema(warrant.schema_id).layout(warrant.population(population).payload)
    return open_columns(columns_folder(copy, population), layout)


def content_in(copy: Path, population: str) -> bytes:
    """Put a population's columns together to rows again and return the SHA-256 of those: its content digest."""
    warrant, found = warrant_in(copy), population_in(copy, population)
    layout = load_schema(warrant.schema_id).layout(warrant.population(population).payload)
    rows = np.zeros(len(found), layout.dtype)
    rows["tokens"], rows["flags"], rows["scope"] = found.tokens, found.flags, found.scope
    rows["filter"] = np.ascontiguousarray(found.filters).view(np.uint8)
    if layout.payload_bytes:
        rows["payload"] = found.payload
    return sha256(rows.tobytes()).digest()

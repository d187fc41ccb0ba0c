"""Time anonlink in its own environment: run by its Python, without this project, told what to do on standard input.

One JSON line asks {"left": npy, "right": npy, "threshold": t, "cores": n}; one answers {"seconds", "cpu", "pairs",
"digest"}. Filters are uint64 rows; the digest is SHA-256 of the sorted pairs as left << 32 | right, int64 little
endian. Converting filters to bitarrays is left out of the time.
"""

import hashlib
import itertools
import json
import multiprocessing
import resource
import sys
import time
import warnings

warnings.filterwarnings("ignore")

import anonlink  # noqa: E402
import bitarray  # noqa: E402
import numpy as np  # noqa: E402

SIDES = {}


def bitarrays(rows):
    found = []
    for row in rows:
        bits = bitarray.bitarray()
        bits.frombytes(row.tobytes())
        found.append(bits)
    return found


def candidates(part):
    first, last, threshold = part
    dice = anonlink.similarities.dice_coefficient
    left = SIDES["left"][first:last]
    _, _, (i, j) = anonlink.candidate_generation.find_candidate_pairs((left, SIDES["right"]), dice, threshold)
    return (np.asarray(i, np.int64) + first) << 32 | np.asarray(j, np.int64)


def spent():
    return sum(
        u.ru_utime + u.ru_stime for u in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def answer(request):
    for side in ("left", "right"):
        SIDES[side] = bitarrays(np.load(request[side]))
    cores, n = request["cores"], len(SIDES["left"])
    cuts = [n * k // cores for k in range(cores + 1)]
    parts = [(a, b, request["threshold"]) for a, b in itertools.pairwise(cuts)]
    pool = multiprocessing.get_context("fork").Pool(cores) if cores > 1 else None
    busy, began = spent(), time.perf_counter()
    found = pool.map(candidates, parts) if pool else [candidates(parts[0])]
    seconds = time.perf_counter() - began
    if pool:
        pool.close()
        pool.join()
    pairs = np.sort(np.concatenate(found)).astype("<i8")
    digest = hashlib.sha256(pairs.tobytes()).hexdigest()
    return {"seconds": seconds, "cpu": spent() - busy, "pairs": len(pairs), "digest": digest}


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)

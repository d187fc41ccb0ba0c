"""Answer as `anonlink_compare.py` does, by the plainest comparison there is: the reference for the sets of pairs.

Needs numpy only. Its times are those of a reference, not of a peer.
"""

import hashlib
import json
import sys
import time

import numpy as np


def pairs(left, right, threshold):
    ones = np.bitwise_count(left).sum(axis=1, dtype=np.int64), np.bitwise_count(right).sum(axis=1, dtype=np.int64)
    found = []
    for at, row in enumerate(left):
        shared = np.bitwise_count(row & right).sum(axis=1, dtype=np.int64)
        other = np.flatnonzero(2 * shared >= threshold * (ones[0][at] + ones[1]))
        found.append(at << 32 | other)
    return np.concatenate(found)


def answer(request):
    left, right = np.load(request["left"]), np.load(request["right"])
    began, spent = time.perf_counter(), time.process_time()
    found = np.sort(pairs(left, right, request["threshold"])).astype("<i8")
    taken = time.perf_counter() - began, time.process_time() - spent
    digest = hashlib.sha256(found.tobytes()).hexdigest()
    return {"seconds": taken[0], "cpu": taken[1], "pairs": len(found), "digest": digest}


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)

"""Time DuckDB's join in its own environment: run by its Python, without this project, told what to do on stdin.

One JSON line asks {"left": file, "right": file, "cores": n, "way": "table" | "arrow" | "number"}; one answers
{"seconds", "cpu", "pairs", "digest", "extra_mib"}. Files hold 16-byte tokens. Seconds count mapping the files, loading
and joining, and end with two arrays of row numbers in memory, in DuckDB's order; sorting them for the digest is not
counted.
"table" copies both sides into tables first, "arrow" joins the arrays as they lie, "number" joins 128-bit numbers.
"""

import hashlib
import json
import resource
import sys
import time

import duckdb
import numpy as np
import pyarrow as pa

NUMBER = "(h::uhugeint * 18446744073709551616::uhugeint + l::uhugeint)"


def spent():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def joined(request):
    con = duckdb.connect()
    con.execute(f"set threads={request['cores']}")
    for name in ("left", "right"):
        words = np.memmap(request[name], np.uint64, "r").reshape(-1, 2)
        rows = np.arange(len(words), dtype=np.int32)
        con.register(f"{name}_in", pa.table({"h": words[:, 0].copy(), "l": words[:, 1].copy(), "r": rows}))
        wanted = f"{NUMBER} k, r" if request["way"] == "number" else "*"
        kind = "view" if request["way"] == "arrow" else "table"
        con.execute(f"create {kind} {name}_side as select {wanted} from {name}_in")
    on = "x.k = y.k" if request["way"] == "number" else "x.h = y.h and x.l = y.l"
    found = con.execute(f"select x.r as i, y.r as j from left_side x join right_side y on {on}").fetchnumpy()
    return np.asarray(found["i"]), np.asarray(found["j"])


def answer(request):
    before, busy, began = peak(), spent(), time.perf_counter()
    i, j = joined(request)
    seconds, busy, used = time.perf_counter() - began, spent() - busy, peak() - before
    packed = np.sort(i.astype(np.int64) << 32 | j)
    digest = hashlib.sha256(packed.tobytes()).hexdigest()
    return {"seconds": seconds, "cpu": busy, "pairs": len(i), "digest": digest, "extra_mib": used}


print(json.dumps(answer(json.loads(sys.stdin.readline()))), flush=True)

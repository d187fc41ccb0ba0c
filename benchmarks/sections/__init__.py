"""One section of the benchmarks per module; each has one function `figures(run)` that yields what it measured."""

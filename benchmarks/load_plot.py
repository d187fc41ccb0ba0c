"""Draw a load over its time as one plain SVG: waiting for control calls, memory, threads and files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

WIDTH, HEIGHT, LEFT, TOP, BOTTOM, GAP = 420, 240, 60, 40, 50, 40
BUCKET = 2.0  # Seconds of calls that make one point.
COLOURS = ("#1f6fb2", "#c8553d")
Line = tuple[str, list[tuple[float, float]]]


def svg(found: Mapping[str, Any]) -> str:
    """Return the plot of what `load` found."""
    looks, calls = found["looks"], found["calls"]
    start = min(look["at"] for look in looks)
    panels = (
        ("Control calls, milliseconds", [_slowest(calls, start, 0.5), _slowest(calls, start, 0.99)]),
        ("Coordinator, MiB resident", [("memory", [(look["at"] - start, look["mib"]) for look in looks])]),
        (
            "Coordinator, threads and open files",
            [(name, [(look["at"] - start, look[name]) for look in looks]) for name in ("threads", "files")],
        ),
    )
    width = len(panels) * (WIDTH + GAP) + GAP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{HEIGHT + TOP + BOTTOM}" '
        'font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
    ]
    for at, (title, lines) in enumerate(panels):
        parts.append(f'<g transform="translate({GAP + at * (WIDTH + GAP)},{TOP})">')
        parts.append(f'<text x="{LEFT}" y="-16" font-weight="bold">{escape(title)}</text>')
        parts += [*_panel(lines), "</g>"]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _slowest(calls: Sequence[Sequence[Any]], start: float, share: float) -> Line:
    buckets: dict[int, list[float]] = {}
    for _, at, seconds in calls:
        buckets.setdefault(int((at - start) // BUCKET), []).append(seconds * 1000)
    points = [(key * BUCKET, sorted(taken)[int(share * (len(taken) - 1))]) for key, taken in sorted(buckets.items())]
    return f"p{share * 100:.0f} of {BUCKET:.0f} s", points


def _panel(lines: Sequence[Line]) -> Iterator[str]:
    points = [point for _, some in lines for point in some]
    right = max((x for x, _ in points), default=1.0) or 1.0
    top = 1.1 * max((y for _, y in points), default=1.0) or 1.0
    yield f'<path d="M{LEFT},0V{HEIGHT}H{WIDTH}" fill="none" stroke="black"/>'
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y, x = HEIGHT * (1 - share), LEFT + (WIDTH - LEFT) * share
        yield f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{top * share:.0f}</text>'
        yield f'<path d="M{LEFT},{y:.1f}H{WIDTH}" stroke="#dddddd"/>'
        yield f'<text x="{x:.1f}" y="{HEIGHT + 18}" text-anchor="middle">{right * share:.0f}</text>'
    yield f'<text x="{(LEFT + WIDTH) / 2}" y="{HEIGHT + 38}" text-anchor="middle">seconds</text>'
    for at, (name, some) in enumerate(lines):
        line = " ".join(f"{LEFT + (WIDTH - LEFT) * x / right:.1f},{HEIGHT * (1 - y / top):.1f}" for x, y in some)
        yield f'<polyline points="{line}" fill="none" stroke="{COLOURS[at]}" stroke-width="1.5"/>'
        yield f'<text x="{LEFT + 12}" y="{16 + 16 * at}" fill="{COLOURS[at]}">{escape(name)}</text>'

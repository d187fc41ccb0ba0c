"""Draw speed and quality against size as one plain SVG; no library, and the same bytes for the same figures."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape

from benchmarks.figures import rows_of

WIDTH, HEIGHT, LEFT, TOP, BOTTOM, GAP = 420, 260, 70, 40, 50, 40
COLOURS = {"ours": "#1f6fb2", "Splink": "#c8553d"}
NAME = re.compile(r"^([\d,]+) to ([\d,]+): (ours|Splink), (seconds|F1 at the default cut|peak memory)$")
Points = list[tuple[float, float]]
PANELS = (
    ("seconds", "Seconds, both files read to last pair kept", True),
    ("peak memory", "Peak memory, MiB", True),
    ("F1 at the default cut", "F1 at the default cut", False),
)


def curves(sections: Mapping[str, Mapping[str, object]]) -> dict[str, dict[str, Points]]:
    """Return what → who → (rows of both files, value), by size."""
    found: dict[str, dict[str, Points]] = {}
    for row in rows_of(sections, "growth"):
        match = NAME.match(str(row["name"]))
        if match and isinstance(row["value"], float | int):
            rows = sum(int(match[g].replace(",", "")) for g in (1, 2))
            found.setdefault(match[4], {}).setdefault(match[3], []).append((rows, float(row["value"])))
    return {what: {who: sorted(points) for who, points in by.items()} for what, by in found.items()}


def svg(sections: Mapping[str, Mapping[str, object]]) -> str:
    """Return the plot; panels without figures say so."""
    found = curves(sections)
    width = len(PANELS) * (WIDTH + GAP) + GAP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{HEIGHT + TOP + BOTTOM}" '
        'font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
    ]
    for at, (what, title, logarithmic) in enumerate(PANELS):
        parts.append(f'<g transform="translate({GAP + at * (WIDTH + GAP)},{TOP})">')
        parts.append(f'<text x="{LEFT}" y="-16" font-weight="bold">{escape(title)}</text>')
        parts += _panel(found.get(what, {}), logarithmic)
        parts.append("</g>")
    return "\n".join([*parts, "</svg>"]) + "\n"


def _panel(by: Mapping[str, Points], logarithmic: bool) -> Iterator[str]:
    points = [point for some in by.values() for point in some]
    if not points:
        yield f'<text x="{LEFT}" y="{HEIGHT / 2}">not measured</text>'
        return
    xs, ys = _axis([x for x, _ in points], True), _axis([y for _, y in points], logarithmic)

    def place(point: tuple[float, float]) -> tuple[float, float]:
        x = LEFT + (WIDTH - LEFT) * _share(point[0], xs, True)
        return x, HEIGHT * (1 - _share(point[1], ys, logarithmic))

    yield f'<path d="M{LEFT},0V{HEIGHT}H{WIDTH}" fill="none" stroke="black"/>'
    for value in xs:
        x, _ = place((value, ys[0]))
        yield f'<text x="{x:.1f}" y="{HEIGHT + 18}" text-anchor="middle">{value:,.0f}</text>'
    yield f'<text x="{(LEFT + WIDTH) / 2}" y="{HEIGHT + 38}" text-anchor="middle">rows of both files</text>'
    for value in ys:
        _, y = place((xs[0], value))
        yield f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:.5g}</text>'
        yield f'<path d="M{LEFT},{y:.1f}H{WIDTH}" stroke="#dddddd"/>'
    for at, (who, some) in enumerate(by.items()):
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(place, some))
        yield f'<polyline points="{line}" fill="none" stroke="{COLOURS[who]}" stroke-width="2"/>'
        yield from (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{COLOURS[who]}"/>' for x, y in map(place, some))
        yield f'<text x="{LEFT + 12}" y="{16 + 16 * at}" fill="{COLOURS[who]}">{escape(who)}</text>'


def _axis(values: Sequence[float], logarithmic: bool) -> list[float]:
    """Return the marks of an axis that holds all values: powers of ten, or five even steps."""
    low, high = min(values), max(values)
    if logarithmic:
        first = math.floor(math.log10(max(low, 1e-3)))
        last = max(first + 1, math.ceil(math.log10(max(high, 1e-3))))
        return [10.0**power for power in range(first, last + 1)]
    step = max(0.001, 10 ** math.floor(math.log10(max(high - low, 1e-3))))
    start, end = math.floor(low / step) * step, math.ceil(high / step - 1e-9) * step
    count = max(1, round((end - start) / step))
    return [start + step * mark for mark in range(count + 1)]


def _share(value: float, marks: Sequence[float], logarithmic: bool) -> float:
    """Return where a value lies between the first and the last mark, 0 to 1."""
    low, high = marks[0], marks[-1]
    if logarithmic:
        return math.log(max(value, low) / low) / math.log(high / low)
    return (value - low) / (high - low)

"""Curves on logarithmic axes, as SVG that follows the reader's light or dark background. No dependency, no numbers made
up: a tick stands at every power of ten of the vertical axis and at the named points of the horizontal one."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

_WIDTH, _HEIGHT = 300, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 30, 30, 36
_LEGEND = 26
_STYLES = ("#2563eb", "#d97706", "#16a34a", "#9333ea")

_HEAD = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="11">
<style>
text {{ fill: #333 }} .grid {{ stroke: #ccc; stroke-width: 0.5 }} .axis {{ stroke: #777 }}
@media (prefers-color-scheme: dark) {{ text {{ fill: #ddd }} .grid {{ stroke: #444 }} .axis {{ stroke: #999 }} }}
</style>"""


class Line(NamedTuple):
    """A curve and what it is called; the same name has the same colour in every panel."""

    name: str
    points: Sequence[tuple[float, float]]


class Panel(NamedTuple):
    title: str
    unit: str
    lines: Sequence[Line]
    #: positions on the horizontal axis and what stands there
    marks: Mapping[float, str]


def plot(panels: Sequence[Panel]) -> str:
    """The panels side by side, with one legend."""
    names = list(dict.fromkeys(line.name for panel in panels for line in panel.lines))
    colours = dict(zip(names, _STYLES, strict=False))
    parts = [_HEAD.format(width=_WIDTH * len(panels), height=_HEIGHT + _LEGEND)]
    for number, panel in enumerate(panels):
        parts += [f'<g transform="translate({number * _WIDTH} 0)">', *_panel(panel, colours), "</g>"]
    for number, name in enumerate(names):
        x, y = _LEFT + number * 120, _HEIGHT + _LEGEND / 2
        parts.append(f'<line x1="{x}" y1="{y}" x2="{x + 18}" y2="{y}" stroke="{colours[name]}" stroke-width="2"/>')
        parts.append(f'<text x="{x + 24}" y="{y + 4}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _panel(panel: Panel, colours: Mapping[str, str]) -> Iterator[str]:
    points = [point for line in panel.lines for point in line.points]
    across = _Axis([x for x, _ in points], _LEFT, _WIDTH - _RIGHT)
    up = _Axis([y for _, y in points], _HEIGHT - _BOTTOM, _TOP, whole=True)
    yield f'<text x="{_LEFT}" y="16" font-weight="bold">{escape(panel.title)}</text>'
    for power in range(up.low, up.high + 1):
        y = up.at(10.0**power)
        label = f"{10**power:,}" if power >= 0 else f"{10.0**power:.{-power}f}"
        yield f'<line class="grid" x1="{_LEFT}" y1="{y:.1f}" x2="{_WIDTH - _RIGHT}" y2="{y:.1f}"/>'
        yield f'<text x="{_LEFT - 5}" y="{y + 4:.1f}" text-anchor="end">{label}</text>'
    bottom = _HEIGHT - _BOTTOM
    yield f'<line class="axis" x1="{_LEFT}" y1="{bottom}" x2="{_WIDTH - _RIGHT}" y2="{bottom}"/>'
    yield f'<text x="{_LEFT - 5}" y="{_TOP - 8}" text-anchor="end" font-style="italic">{escape(panel.unit)[:1]}</text>'
    for position, name in panel.marks.items():
        yield f'<text x="{across.at(position):.1f}" y="{bottom + 16}" text-anchor="middle">{escape(name)}</text>'
    for line in panel.lines:
        path = " ".join(f"{across.at(x):.1f},{up.at(y):.1f}" for x, y in line.points)
        colour = colours[line.name]
        yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
        for x, y in line.points:
            yield f'<circle cx="{across.at(x):.1f}" cy="{up.at(y):.1f}" r="2.5" fill="{colour}"/>'


class _Axis:
    """A logarithmic axis over some values; `whole`: from a power of ten to a power of ten."""

    def __init__(self, values: Sequence[float], start: float, end: float, *, whole: bool = False) -> None:
        low, high = math.log10(min(values)), math.log10(max(values))
        self.low, self.high = math.floor(low), max(math.ceil(high), math.floor(low) + 1)
        self._low, self._high = (float(self.low), float(self.high)) if whole else (low, high)
        self._start, self._end = start, end

    def at(self, value: float) -> float:
        part = (math.log10(value) - self._low) / ((self._high - self._low) or 1.0)
        return self._start + part * (self._end - self._start)

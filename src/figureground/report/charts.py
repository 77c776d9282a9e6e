"""Charts as inline SVG, coloured by the page's style sheet."""

import html
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 1000, 260  # of a chart, in its own units
LEFT, BOTTOM, TOP = 44, 40, 22  # room for what stands beside the axes
BINS = 25
LEVELS = 4  # lines across the chart, at most
SERIES = ("first", "second")  # classes of the style sheet

Edges: TypeAlias = NDArray[np.float64]


def histogram(series: Sequence[Sequence[float]], *, label: str, start: float) -> str:
    """Return how many images have which score, as bars side by side for one or two networks: SVG.

    Args:
        series: scores from 0 to 1, those of each network.
        label: what the scores are.
        start: where the 25 bins begin; all that is lower shares one more bar.
    """
    edges = np.linspace(start, 1, BINS + 1)
    counts = [_counts(values, edges) for values in series]
    highest = max(int(count.max()) for count in counts)
    step = _step(highest)
    highest = step * -(-highest // step)  # where the last line is
    slot = (WIDTH - LEFT) / len(counts[0])
    bars = [
        _bar(LEFT + slot * (bin + (0.08 + 0.84 * number / len(counts))),
             0.84 * slot / len(counts), int(count[bin]), highest, SERIES[number])
        for number, count in enumerate(counts)
        for bin in range(len(count))
        if count[bin]
    ]  # fmt: skip
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="Histogram of {label}">'
        f"{_levels(highest, step)}{''.join(bars)}{_labels(slot, edges, label)}</svg>"
    )


def curves(series: Mapping[str, Sequence[float]], *, label: str) -> str:
    """Return one or two series of figures over epochs, as lines with their names: SVG.

    Args:
        series: figures of epoch 1, 2 and so on, by name.
        label: what the chart shows.
    """
    values = [value for figures in series.values() for value in figures]
    low, high = min(values), max(values)
    spread, last = (high - low) or 1.0, max(1, max(map(len, series.values())) - 1)
    below = HEIGHT - BOTTOM

    def place(epoch: int, value: float) -> str:
        x = LEFT + (WIDTH - LEFT) * epoch / last
        return f"{x:.1f},{below - (below - TOP) * (value - low) / spread:.1f}"

    lines = []
    for number, (name, figures) in enumerate(series.items()):
        points = " ".join(place(epoch, value) for epoch, value in enumerate(figures))
        lines.append(
            f'<polyline class="{SERIES[number]}" points="{points}"/>'
            f'<text class="{SERIES[number]}" x="{WIDTH - 8}" y="{TOP + 16 * number}" '
            f'text-anchor="end">{html.escape(name)}</text>'
        )
    ticks = "".join(
        f'<line x1="{LEFT}" x2="{WIDTH}" y1="{y}" y2="{y}"/>'
        f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{value:.3g}</text>'
        for value, y in {low: below, high: TOP}.items()
    )
    epochs = f'<text x="{WIDTH}" y="{below + 18}" text-anchor="end">epoch {last + 1}</text>'
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label} over epochs">'
        f"{ticks}{epochs}{''.join(lines)}</svg>"
    )


def _counts(values: Sequence[float], edges: Edges) -> NDArray[np.int64]:
    """Images below the first edge, then in equal steps; those at 1 belong to the last."""
    within = np.histogram([value for value in values if value >= edges[0]], edges)[0]
    below = sum(value < edges[0] for value in values)
    return np.concatenate([[below], within]).astype(np.int64)


def _bar(x: float, width: float, count: int, highest: int, series: str) -> str:
    height = (HEIGHT - TOP - BOTTOM) * count / highest
    top = HEIGHT - BOTTOM - height
    return (
        f'<rect class="{series}" x="{x:.1f}" y="{top:.1f}" width="{width:.1f}" '
        f'height="{height:.1f}" rx="2"><title>{count}</title></rect>'
    )


def _step(highest: int) -> int:
    """A round number of images, of which at most four steps hold the highest bar."""
    least = max(1, -(-highest // LEVELS))
    power = int(10 ** (len(str(least)) - 1))
    return next(power * digit for digit in (1, 2, 5, 10) if power * digit >= least)


def _levels(highest: int, step: int) -> str:
    """Horizontal lines at a few whole numbers of images."""
    lines = []
    for count in range(0, highest + 1, step):
        y = HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * count / highest
        lines.append(
            f'<line x1="{LEFT}" x2="{WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{count}</text>'
        )
    return "".join(lines)


def _labels(slot: float, edges: Edges, label: str) -> str:
    """Return the bars' labels: of the first all that is worse, of the others their lower edge."""
    y = HEIGHT - BOTTOM + 18
    first = f"&lt; {edges[0]:.1f}" if edges[0] else ""
    ticks = [f'<text x="{LEFT + slot / 2:.1f}" y="{y}" text-anchor="middle">{first}</text>']
    for bin in range(5 if first else 0, BINS + 1, 5):
        anchor = "end" if bin == BINS else "middle"  # at the chart's end
        x = LEFT + slot * (1 + bin)
        ticks.append(f'<text x="{x:.1f}" y="{y}" text-anchor="{anchor}">{edges[bin]:.1f}</text>')
    middle = (WIDTH + LEFT) / 2
    title = f'<text x="{middle}" y="{HEIGHT - 4}" text-anchor="middle">{label}</text>'
    return f"{''.join(ticks)}{title}"

"""The page of an evaluation: what it shows of one network, or of two that are compared."""

import html
from collections.abc import Mapping, Sequence

from figureground.counts import counted
from figureground.evaluation.cases import Case
from figureground.evaluation.evaluate import TIME, Mean, Row, compare, summarise
from figureground.report.charts import SERIES, histogram
from figureground.report.page import Figure, cases, image_address, render_page, table
from figureground.report.panels import panels

BOX = (440, 300)  # rows and columns that an image may take, pixels
CHARTS = (("iou", "IoU of an image", 0.5), ("boundary_iou", "Boundary IoU of an image", 0.0))
TILES = ("iou", "boundary_iou", "mae", "s_measure")
BETTER_LOW = {"mae", "mse", "sad", "gradient", "connectivity", "below_0.8", TIME}
NAMES = {
    "iou": "IoU", "boundary_iou": "Boundary IoU",
    "official_boundary_iou": "Boundary IoU, official: 2 %, full size", "dice": "Dice", "precision": "Precision",
    "recall": "Recall", "mae": "MAE", "mse": "MSE", "sad": "SAD, thousands",
    "gradient": "Gradient error, thousands", "connectivity": "Connectivity error, thousands",
    "s_measure": "S-measure", "weighted_f": "Weighted F-measure",
    "below_0.8": "Share of images below 0.8 IoU",
    "above_0.95": "Share of images above 0.95 IoU", TIME: "Seconds an image",
}  # fmt: skip


def show(solved: Sequence[Case], rows: Sequence[Row], names: Sequence[str]) -> Figure:
    """A case of one network, or the same of two, with the images of `panels`."""
    drawn = [panels(case.rgb, case.truth, case.alpha, box=BOX) for case in solved]
    images = [("image", drawn[0]["image"]), ("truth", drawn[0]["truth"])]
    for name, views in zip(names, drawn, strict=True):
        images += [(name, views["ours"]), ("difference", views["difference"])]
    overlaps = " → ".join(f"{row.scores['iou']:.3f}" for row in rows)
    edges = " → ".join(f"{row.scores['boundary_iou']:.3f}" for row in rows)
    return Figure(
        name=solved[0].name,
        note=f"IoU {overlaps} · boundary IoU {edges}",
        images=tuple((label, image_address(image)) for label, image in images),
    )


def render(
    results: Mapping[str, Sequence[Row]], *, title: str, settings: Mapping[str, object],
    parts: Mapping[str, Sequence[Row]], worst: Sequence[Figure], best: Sequence[Figure],
) -> str:  # fmt: skip
    """The page's text.

    Args:
        results: rows of one network by its name, or of two on the same images.
        title: what stands above.
        settings: what decided the result.
        parts: one network's rows of each data set, for columns of their own; or nothing.
        worst, best: cases, in order.
    """
    two = len(results) == 2
    count = len(next(iter(results.values())))
    columns = {"all": next(iter(results.values())), **parts} if parts else results
    return render_page(title, [
        f"<p>{counted(count, 'images')}. {_settings(settings)}</p>",
        _keys(list(results)) if two else "",
        _tiles(results),
        *(_chart(results, *chart) for chart in CHARTS),
        "<h2>Means</h2><p>With 95 % percentile bootstrap intervals"
        f"{'; differences are paired, image by image' if two else ''}.</p>",
        _table(columns, compare(*results.values()) if two else {}),
        cases("Most lost cases" if two else "Worst cases", worst),
        cases("Most gained cases" if two else "Best cases", best),
    ], networks=len(results))  # fmt: skip


def _settings(settings: Mapping[str, object]) -> str:
    return html.escape(" · ".join(f"{name}: {value}" for name, value in settings.items()))


def _keys(names: Sequence[str]) -> str:
    marks = zip(SERIES, names, strict=True)
    return " ".join(
        f'<span class="key {kind}"></span>{html.escape(name)} &nbsp;' for kind, name in marks
    )


def _tiles(results: Mapping[str, Sequence[Row]]) -> str:
    means = [summarise(rows) for rows in results.values()]
    tiles = (
        f'<dl class="tile"><dt>{NAMES[measure]}</dt>'
        + "".join(f"<dd>{mean[measure].value:.3f}</dd>" for mean in means)
        + "</dl>"
        for measure in TILES
    )
    return f'<div class="tiles">{"".join(tiles)}</div>'


def _chart(results: Mapping[str, Sequence[Row]], measure: str, label: str, start: float) -> str:
    series = [[row.scores[measure] for row in rows] for rows in results.values()]
    return (
        f"<h2>{label}</h2><p>How many images have which.</p>"
        f"{histogram(series, label=label, start=start)}"
    )


def _table(columns: Mapping[str, Sequence[Row]], gains: Mapping[str, Mean]) -> str:
    """Means of each column's rows, a line a measure, and differences where there are any."""
    means = [summarise(rows) for rows in columns.values()]
    heads = ["Measure", *columns, *(["Difference"] if gains else [])]
    lines = []
    for measure in means[0]:
        cells = [f"<td>{NAMES[measure]} {'↓' if measure in BETTER_LOW else '↑'}</td>"]
        cells += [_cell(measure, mean[measure]) for mean in means]
        if gains:
            cells.append(_gain(measure, gains[measure]))
        lines.append(cells)
    return f"{table(heads, lines)}<p>↑ higher is better, ↓ lower is better.</p>"


def _cell(measure: str, mean: Mean) -> str:
    form = _form(measure)
    low, high = format(mean.low, form), format(mean.high, form)
    return f"<td>{mean.value:{form}}<small>{low} to {high}</small></td>"


def _form(measure: str) -> str:
    return ".3f" if measure == TIME else ".4f"


def _gain(measure: str, gain: Mean) -> str:
    """A difference; coloured where its interval leaves out 0."""
    kind = ""
    if gain.low > 0 or gain.high < 0:
        kind = "better" if (gain.value > 0) != (measure in BETTER_LOW) else "worse"
    form = f"+{_form(measure)}"
    low, high = format(gain.low, form), format(gain.high, form)
    return f'<td class="{kind}">{gain.value:{form}}<small>{low} to {high}</small></td>'

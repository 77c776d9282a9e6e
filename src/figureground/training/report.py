"""The report of a finished run: one HTML file that needs no other."""

import html
from collections.abc import Sequence

import keras
import numpy as np

from figureground.arrays import Size
from figureground.counts import counted
from figureground.media.atomic import atomic
from figureground.models.network import build_network
from figureground.models.presets import find_preset
from figureground.report.charts import curves
from figureground.report.overlap import iou
from figureground.report.page import Figure, cases, image_address, render_page, table
from figureground.report.panels import panels
from figureground.training.dataset import Decoded
from figureground.training.recipe import Recipe
from figureground.training.run_dir import RunDir

WORST = 12  # images shown
BOX: Size = (300, 300)  # rows and columns that an image may take, pixels
CHARTS = {"Loss": ("loss", "val_loss"), "IoU": ("iou", "val_iou"), "Rate": ("learning_rate",)}
LOSSES = (
    "`loss` is measured on augmented images with all weights, `val_loss` on plain ones, so the "
    "two curves need not meet."
)


def write_report(recipe: Recipe, folder: RunDir, decoded: Decoded) -> None:
    """Curves, metrics and worst cases of a run. Raises FileError where it cannot be written."""
    rows = folder.rows()
    best = min(rows, key=lambda row: float(row["val_loss"]))
    page = render_page(
        f"{recipe.preset}, {counted(len(rows), 'epochs')}: {folder.path.name}",
        [
            f"<p>Best epoch {best['epoch']}: validation loss {best['val_loss']}, IoU "
            f"{best['val_iou']}, on {counted(len(decoded.validation), 'images')} held back. {LOSSES}</p>",
            *(_chart(name, rows, columns) for name, columns in CHARTS.items()),
            f"<details><summary>All epochs</summary>{_table(rows)}</details>",
            cases("Worst cases of the best epoch", _worst_cases(recipe, folder, decoded)),
            f"<h2>Recipe</h2><pre>{html.escape(folder.recipe.read_text('utf-8'))}</pre>",
            f"<h2>Made with</h2><pre>{html.escape(folder.origin.read_text('utf-8'))}</pre>",
        ],
    )
    with atomic(folder.report) as part:
        part.write_text(page, "utf-8")


def _chart(title: str, rows: Sequence[dict[str, str]], columns: Sequence[str]) -> str:
    """Columns of metrics over epochs; one that is not there is left out."""
    series = {name: [float(row[name]) for row in rows] for name in columns if rows[0][name]}
    return f"<h2>{title}</h2>{curves(series, label=title)}"


def _table(rows: Sequence[dict[str, str]]) -> str:
    return table(list(rows[0]), [[f"<td>{value}</td>" for value in row.values()] for row in rows])


def _worst_cases(recipe: Recipe, folder: RunDir, decoded: Decoded) -> list[Figure]:
    network = build_network(find_preset(recipe.preset), backbone_weights="none")
    network.load_weights(folder.best)
    scores: list[float] = []
    figures: list[Figure | None] = []
    for first in range(0, len(decoded.validation), recipe.batch_size):
        samples = decoded.validation[first : first + recipe.batch_size]
        for number, alpha in enumerate(mattes(network, samples), first):
            truth = decoded.validation[number][..., 3]
            scores.append(iou(alpha > 0.5, truth > 127))
            name = decoded.data.held_out[number].name
            figures.append(_figure(name, scores[-1], decoded.validation[number], alpha))
        keep = np.argsort(scores, kind="stable")[:WORST]  # all of a large set take much memory
        figures = [figure if n in keep else None for n, figure in enumerate(figures)]
    worst = (figures[number] for number in np.argsort(scores, kind="stable")[:WORST])
    return [figure for figure in worst if figure is not None]


def mattes(network: keras.Model, samples: np.ndarray) -> np.ndarray:
    """Return a network's answers, float32 (N, S, S), to samples, uint8 (N, S, S, 4)."""
    alphas = network(samples[..., :3].astype(np.float32) / 255, training=False)
    return keras.ops.convert_to_numpy(alphas)[..., -1]


def _figure(name: str, score: float, sample: np.ndarray, alpha: np.ndarray) -> Figure:
    rgb, mask = (np.ascontiguousarray(part) for part in (sample[..., :3], sample[..., 3]))
    shown = panels(rgb, mask, alpha, box=BOX)
    labels = {"ours": "matte over magenta"}
    return Figure(
        name=name,
        note=f"IoU {score:.3f}",
        images=tuple((labels.get(k, k), image_address(v)) for k, v in shown.items()),
    )

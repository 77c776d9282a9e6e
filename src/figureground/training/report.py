"""The report of a finished run: one HTML file that needs no other."""

import base64
import html
from collections.abc import Sequence

import cv2
import numpy as np

from figureground.media.atomic import atomic
from figureground.models.network import build_network
from figureground.models.presets import find_preset
from figureground.training.dataset import Decoded
from figureground.training.losses import iou
from figureground.training.recipe import Recipe
from figureground.training.run_dir import RunDir

WORST = 12  # pictures shown
WIDTH, HEIGHT, MARGIN = 560, 220, 44  # of a chart, pixels
CHARTS = {"Loss": ("loss", "val_loss"), "IoU": ("iou", "val_iou"), "Rate": ("learning_rate",)}
COLORS = ("#888888", "#c2185b")  # training, validation
STYLE = """body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse}td,th{padding:.1rem .8rem;text-align:right}
figure{margin:0 0 1rem}img{max-width:100%}pre{background:#8882;padding:1rem;overflow:auto}"""


def write_report(recipe: Recipe, folder: RunDir, decoded: Decoded) -> None:
    """Curves, metrics and worst cases of a run. Raises FileError where it cannot be written."""
    rows = folder.rows()
    best = min(rows, key=lambda row: float(row["val_loss"]))
    title = html.escape(f"{recipe.preset}, {len(rows)} epochs: {folder.path.name}")
    parts = [
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title>",
        f"<style>{STYLE}</style><h1>{title}</h1>",
        f"<p>Best epoch {best['epoch']}: validation loss {best['val_loss']}, IoU "
        f"{best['val_iou']}, on {len(decoded.validation)} pictures held back.</p>",
        *(draw_chart(name, rows, columns) for name, columns in CHARTS.items()),
        _table(rows),
        "<h2>Worst cases</h2><p>Picture, truth and matte of the best epoch.</p>",
        *_worst_cases(recipe, folder, decoded),
        f"<h2>Recipe</h2><pre>{html.escape(folder.recipe.read_text('utf-8'))}</pre>",
        f"<h2>Made with</h2><pre>{html.escape(folder.origin.read_text('utf-8'))}</pre></html>",
    ]
    with atomic(folder.report) as part:
        part.write_text("\n".join(parts), "utf-8")


def draw_chart(
    title: str, rows: Sequence[dict[str, str]], columns: Sequence[str], *, colors=COLORS
) -> str:
    """Columns of metrics over epochs, as a figure with an SVG; a column not there is left out."""
    curves = {c: [float(row[c]) for row in rows] for c in columns if rows and rows[0][c]}
    values = [value for curve in curves.values() for value in curve]
    low, high = min(values), max(values)
    spread, last = (high - low) or 1.0, max(1, len(rows) - 1)

    def place(epoch: int, value: float) -> str:
        x = MARGIN + (WIDTH - 2 * MARGIN) * epoch / last
        return f"{x:.1f},{HEIGHT - MARGIN / 2 - (HEIGHT - MARGIN) * (value - low) / spread:.1f}"

    lines = [
        f'<polyline fill="none" stroke="{color}" stroke-width="2" points="'
        + " ".join(place(epoch, value) for epoch, value in enumerate(curve))
        + f'"/><text x="{WIDTH - MARGIN - 100}" y="{18 + 16 * number}" fill="{color}">{name}</text>'
        for number, ((name, curve), color) in enumerate(zip(curves.items(), colors, strict=False))
    ]
    return (
        f"<figure><h2>{title}</h2><svg width={WIDTH} height={HEIGHT} font-size=12>"
        f'<text x="0" y="16">{high:.3g}</text><text x="0" y="{HEIGHT - 8}">{low:.3g}</text>'
        f"{''.join(lines)}</svg></figure>"
    )


def _table(rows: Sequence[dict[str, str]]) -> str:
    head = "".join(f"<th>{name}" for name in rows[0])
    body = "".join("<tr>" + "".join(f"<td>{v}" for v in row.values()) for row in rows)
    return f"<details><summary>All epochs</summary><table><tr>{head}{body}</table></details>"


def _worst_cases(recipe: Recipe, folder: RunDir, decoded: Decoded) -> list[str]:
    network = build_network(find_preset(recipe.preset), backbone_weights="none")
    network.load_weights(folder.best)
    scores, strips = [], []
    for first in range(0, len(decoded.validation), recipe.batch_size):
        squares = decoded.validation[first : first + recipe.batch_size]
        alphas = np.asarray(network(squares[..., :3].astype(np.float32) / 255, training=False))
        scores += np.asarray(iou(squares[..., 3:].astype(np.float32) / 255, alphas)).tolist()
        strips += [_strip(*both) for both in zip(squares, alphas[..., -1], strict=True)]
        keep = np.argsort(scores)[:WORST]  # pictures of large sets would not fit into memory
        strips = [strip if n in keep else b"" for n, strip in enumerate(strips)]
    return [
        f'<figure><img alt="" src="data:image/jpeg;base64,{base64.b64encode(strips[n]).decode()}">'
        f"<figcaption>{html.escape(decoded.data.held_out[n].name)}: IoU {scores[n]:.3f}"
        "</figcaption></figure>"
        for n in np.argsort(scores)[:WORST]
    ]


def _strip(square: np.ndarray, alpha: np.ndarray) -> bytes:
    """Picture, truth and matte as a JPEG file. square: uint8 (S, S, 4); alpha: (S, S)."""
    matte = np.rint(alpha * 255).astype(np.uint8)
    grey = [np.repeat(g[..., None], 3, axis=-1) for g in (square[..., 3], matte)]
    strip = np.concatenate([square[..., 2::-1], *grey], axis=1)
    return bytes(cv2.imencode(".jpg", strip)[1])

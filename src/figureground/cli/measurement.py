"""What measuring verbs share: their arguments, networks from all they can come from, images."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

from figureground.cli.progress import Progress
from figureground.cli.silence import loading, working
from figureground.counts import counted
from figureground.datasets.pairs import Pair, find_pairs
from figureground.engines import Engine, open_engine
from figureground.errors import DataError, UsageError
from figureground.evaluation.cases import AlphaOf
from figureground.evaluation.evaluate import Mean, Row, evaluate_readable
from figureground.evaluation.metrics import BAND, LONG_SIDE
from figureground.evaluation.report import Result, write_page
from figureground.jobs.threads import single_threaded_opencv
from figureground.matting.image_alpha import estimate_alpha
from figureground.media.limits import parse_bytes
from figureground.models.shipped import MODEL, find_model, is_run
from figureground.resources import cores

ONE_THREAD = (".tflite", ".onnx")  # files whose engines keep to the threads they are given


def add_measuring(parser: argparse.ArgumentParser) -> None:
    """Declare what every measuring verb takes."""
    parser.add_argument(
        "--data", action="append", required=True, type=Path, metavar="DIR|MANIFEST",
        help="a folder of images/ and masks/, or a .csv or .jsonl file that lists them; may be "
        "repeated",
    )  # fmt: skip
    parser.add_argument(
        "--band", type=share, default=BAND,
        help="width of boundary_iou's band over the diagonal (default 0.01); official_boundary_iou is "
        "always that of the paper, 0.02",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print JSON in place of a table")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write a page to look at, HTML")
    add_budget(parser)
    parser.add_argument("-q", "--quiet", action="store_true", help="show no progress")


def add_budget(parser: argparse.ArgumentParser) -> None:
    """Declare how much memory images and masks may take."""
    parser.add_argument(
        "--max-memory", type=parse_bytes, metavar="BYTES",
        help="leave out files that need more than such as 500M or 4G to be worked on, all that are "
        "in work together (default half of what there is)",
    )  # fmt: skip


def share(text: str) -> float:
    """A number above 0 and below 1, from the command line."""
    value = float(text)
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return value


def seed(text: str) -> int:
    """A whole number, 0 or more, from the command line."""
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text} is not 0 or more")
    return value


def count(text: str) -> int:
    """A whole number, 1 or more, from the command line."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return value


def open_networks(model: str | None, *, color: str | None = None) -> list[AlphaOf]:
    """Open a network by a run's folder, a shipped preset's name or an exported file.

    Exported files are opened once for each core, to work on as many images at once. What
    TensorFlow runs uses all cores by itself, so there is one. A run is measured at the size it was
    trained at; None is the network that images are cut out with.

    Raises:
        UsageError: it is none of these.
        ModelError: it cannot be run.
        ExtraError: what runs it is not installed.
    """
    if model is not None and is_run(model):
        engines: list[Engine] = [_open_run(model)]
    else:
        engines = _open_file(find_model(model or MODEL), color)
    return [partial(estimate_alpha, engine=engine) for engine in engines]


def _open_file(path: Path, color: str | None) -> list[Engine]:
    if path.suffix.lower() not in ONE_THREAD:
        return [open_engine(path, color=color)]
    return [open_engine(path, threads=1, color=color) for _ in range(cores())]


def _open_run(run: str) -> Engine:
    with loading("measuring a training run"):
        from figureground.engines.keras import KerasEngine
        from figureground.training.checkpoints import load_trained, trained_size
    with working():
        network, preset = load_trained(run)
    size = trained_size(run) or preset.size
    return KerasEngine(network, (size, size), Path(run))


def find_all(folders: list[Path]) -> dict[Path, list[Pair]]:
    """The pairs of each folder; of several, names begin with their folder's.

    Raises:
        UsageError: a folder is given twice.
        DataError: one holds no pairs.
    """
    if len({folder.resolve() for folder in folders}) < len(folders):
        raise UsageError("a --data folder is given twice; its images would count double")
    if len(folders) == 1:
        return {folders[0]: find_pairs(folders[0])}
    return {
        folder: [replace(pair, name=f"{folder}/{pair.name}") for pair in find_pairs(folder)]
        for folder in folders
    }


def measure(
    networks: Sequence[AlphaOf], data: dict[Path, list[Pair]], *, band: float, quiet: bool
) -> dict[Path, list[Row]]:
    """Rows of each folder that has any, with progress on a terminal.

    Pairs that cannot be read are named on standard error.

    Raises:
        DataError: none can be read.
        ModelError, SizeError: the network gives no mattes.
    """
    total = sum(map(len, data.values()))
    progress = Progress(total, unit="images", shown=False if quiet else None)
    measured: dict[Path, list[Row]] = {}
    with single_threaded_opencv():
        for folder, pairs in data.items():
            for found in evaluate_readable(networks, pairs, band=band):
                if isinstance(found, DataError):
                    progress.clear()
                    print(f"left out: {found}", file=sys.stderr)
                else:
                    measured.setdefault(folder, []).append(found)
                progress.advance()
    progress.finish()
    measured = {folder: rows for folder, rows in measured.items() if rows}
    if not measured:
        raise DataError(f"none of {counted(total, 'images')} can be measured")
    return measured


def only_measured(
    data: dict[Path, list[Pair]], measured: dict[Path, list[Row]]
) -> dict[Path, list[Pair]]:
    """The pairs that rows are of."""
    names = {folder: {row.name for row in rows} for folder, rows in measured.items()}
    return {
        folder: [pair for pair in data[folder] if pair.name in there]
        for folder, there in names.items()
    }


def print_json(means: dict[Path, dict[str, Mean]]) -> None:
    """Each folder's means on standard output, as one JSON object."""
    named = {str(f): {name: asdict(m) for name, m in part.items()} for f, part in means.items()}
    print(json.dumps(named, indent=2))


def print_means(heading: str, means: dict[str, Mean], *, sign: str = "") -> None:
    """A table with intervals on standard output."""
    print(heading)
    for name, mean in means.items():
        low, high = format(mean.low, f"{sign}.4f"), format(mean.high, f"{sign}.4f")
        print(f"  {name:21} {mean.value:{sign}.4f}  ({low} to {high})")


def write_report(
    arguments: argparse.Namespace,
    results: Sequence[Result],
    data: dict[Path, list[Pair]],
    *,
    title: str,
    parts: dict[Path, list[Row]] | None = None,
) -> None:
    """The page of `--report`; `parts` gives each of several folders its column.

    Raises FileError where it cannot be written.
    """
    columns = {str(folder): rows for folder, rows in (parts or {}).items()}
    settings: dict[str, object] = {
        "data": ", ".join(map(str, data)),
        "band": f"{100 * arguments.band:.3g} % of the diagonal",
        "measured at": f"a long side of at most {LONG_SIDE} pixels",
    }
    pairs = [pair for part in data.values() for pair in part]
    write_page(
        results, pairs, arguments.report, title=title, settings=settings,
        parts=columns if len(columns) > 1 else {},
    )  # fmt: skip

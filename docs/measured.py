"""Tables and sentences of figures, each from files of docs/results/ that benchmarks/record.py wrote.

They stand between `<!-- results: NAME -->` and `<!-- /results -->`; NAME is one of `BLOCKS`.
"""

import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import beside
import speed
from recorded import RESULTS, command, read, table

BLOCK = re.compile(r"(<!-- results: ([\w-]+) -->)\n.*?(<!-- /results -->)", re.DOTALL)
SETS = {  # validation sets, and what the guides call them
    "ccp": "street fashion, whole bodies (`ccp`), 50",
    "vs": "groups, indoors, small figures (`vs`), 48",
    "portraits": "portraits and selfies (`portraits`), 50",
}
MEASURES = {"iou": "IoU", "boundary_iou": "boundary IoU", "mae": "MAE"}
INT8, LITE = "lite-int8", "lite"
# Of what several hold, the last counts.
FORMATS = "formats", "formats-openvino", "formats-resnet50", "formats-tutorial"
MADE = {  # videos, and what the guides call them
    "made-slow": "6 of people in the street who hardly move",
    "made-fast": "the same, who move a lot",
    "made-between": "8 portraits, between those",
    "parkour": "100 frames of parkour",
}
WAYS = ("frame by frame", "held steady live", "held steady")


def means(network: str) -> dict[str, dict[str, dict[str, float]]]:
    """What `evaluate` printed of a network: by validation set and measure, a value and its interval."""
    return {Path(name).name: part for name, part in read(network)["printed"].items()}


def quality() -> str:
    """How good the network of images is."""
    head = ("validation set, images", *MEASURES.values(), "below 0.8 IoU")
    rows = [
        (
            says,
            *(
                f"{mean['value']:.3f} ({mean['low']:.3f}–{mean['high']:.3f})"  # noqa: RUF001
                for mean in map(means(LITE)[name].get, MEASURES)
            ),
            f"{means(LITE)[name]['below_0.8']['value']:.0%}",
        )
        for name, says in SETS.items()
    ]
    return (
        f"{table(head, *rows)}\n\n"
        "Means with 95 % bootstrap intervals, measured by the exported file at a long side of at most 512 pixels.\n"
        "IoU counts pixels above 0.5: 1 is perfect, below 0.8 something is plainly wrong. Boundary IoU (Cheng et al.\n"
        "2021) takes a band of 1 % of the diagonal, the outline; MAE is how far the soft matte is off. The command:\n"
        f"`{command(LITE)}`."
    )


def networks() -> dict[str, dict[str, Any]]:
    """What `figureground models` printed, by network."""
    return {row["name"]: row for row in read("models")["printed"]}


def eight_bits() -> str:
    """What 8 bits save and cost."""
    small, full = networks()[INT8], networks()[LITE]
    lost = max(means(LITE)[s]["iou"]["value"] - means(INT8)[s]["iou"]["value"] for s in SETS)
    fast = "avx512_vnni" in read("models")["machine"]["features"]
    return (
        f"`--model {INT8}` is {small['megabytes']} MB instead of {full['megabytes']}, loses at most {lost:.3f} of IoU, "
        f"and takes {small['seconds'] / full['seconds']:.2f} of\n"
        f"the time of `{LITE}` {'with' if fast else 'without'} AVX-512 VNNI (`figureground models`). Videos use it "
        "unless `--model` says otherwise."
    )


def eight_bits_measures() -> str:
    """All means of the network of 8 bits."""
    head = (f"`{INT8}`", *MEASURES.values(), "below 0.8 IoU")
    rows = [
        (
            f"`{name}`",
            *(f"{means(INT8)[name][measure]['value']:.3f}" for measure in MEASURES),
            f"{means(INT8)[name]['below_0.8']['value']:.0%}",
        )
        for name in SETS
    ]
    return table(head, *rows)


def formats() -> str:
    """What `export` writes: how near to Keras, how fast, how large; why not, where it was not run."""
    head = ("network", "format", "runs in", "differs by", "time of Keras's", "MB")
    drawn = {}
    for name in FORMATS:
        keras, *rows = read(name)["printed"]
        for row in rows:
            kind, _, precision = row["format"].partition("-" if "onnx" in row["format"] else "\n")
            differs, size, taken = row["differs by"], row["MB"], row["ms"]
            drawn[row["network"], row["format"]] = (
                f"`{row['network']}`",
                f"`{kind}`" + (f", {precision}" if precision else ""),
                row["runs in"],
                differs if isinstance(differs, str) else f"{differs:.1e}" if differs else "0",
                f"{taken / keras['ms']:.2f}" if taken else "",
                f"{size:.1f}" if size else "",
            )
    return table(head, *drawn.values())


def flicker() -> str:
    """How videos' mattes change and fit: frame by frame, as `live`, as files."""
    head = ("video", "dtSSD", "IoU", "boundary IoU")
    rows = []
    for name, says in MADE.items():
        ways = [read(name)["printed"][way] for way in WAYS]
        cells = [
            ", ".join(f"{way[m]:.{d}f}" for way in ways)
            for m, d in zip(head[1:], (2, 3, 3), strict=True)
        ]
        rows.append((says, *cells))
    return table(head, *rows)


def files() -> str:
    """Every file of results: its command and its day."""
    names = sorted(path.stem for path in RESULTS.glob("*.json"))
    return "\n".join(
        f"- [{name}.json](results/{name}.json), {read(name)['day']}:\n  `{command(name)}`"
        for name in names
    )


def machines() -> str:
    """What the figures were measured on."""
    told = {
        json.dumps({k: v for k, v in read(path.stem)["machine"].items() if k != "load"})
        for path in RESULTS.glob("*.json")
    }
    lines = []
    for machine in map(json.loads, sorted(told)):
        packages = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
        lines.append(
            f"- {machine['processor']}, {machine['cores']} cores ({', '.join(machine['features'])}), "
            f"Python {machine['python']},\n  {packages}"
        )
    return "\n".join(lines)


def shipped_figures() -> str:
    """What `figureground models` says of the networks that ship, as JSON."""
    figures = {
        network: {
            name: {
                measure: round(means(network)[name][measure]["value"], 3) for measure in MEASURES
            }
            for name in SETS
        }
        for network in (LITE, INT8)
    }
    return json.dumps(figures, indent=2) + "\n"


BLOCKS: dict[str, Callable[[], str]] = {
    "quality": quality,
    "eight-bits": eight_bits,
    "eight-bits-measures": eight_bits_measures,
    "flicker": flicker,
    "formats": formats,
    "files": files,
    "machines": machines,
    "speed": speed.speed,
    "growth-megapixels": partial(speed.growth, "megapixels", "megapixels"),
    "growth-images": partial(speed.growth, "images", "images of 320 × 320"),  # noqa: RUF001 - as a size
    "growth-seconds": partial(speed.growth, "seconds", "seconds of 1280 × 720"),  # noqa: RUF001 - as a size
    "growth-pairs": partial(speed.growth, "pairs", "pairs"),
    "peers": beside.short,
    "peers-images": beside.images,
    "peers-videos": beside.videos,
    "peers-cost": beside.costs,
    "peers-licences": beside.licences,
}


def filled(page: str) -> str:
    """A page with its blocks of figures written anew.

    Raises:
        KeyError: a block's name is not known.
    """
    return BLOCK.sub(lambda found: f"{found[1]}\n\n{BLOCKS[found[2]]()}\n\n{found[3]}", page)

"""Draw docs/figures/ from the code: `python docs/draw.py`.

The network is drawn from the layers that Keras builds, the rooms from what the modules import, the
road of an image from what each step gives for examples/astronaut.jpg.
"""

import ast
import sys
from collections.abc import Callable, Iterator
from functools import cache
from html import escape
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from figureground import Remover
from figureground.engines import open_engine
from figureground.matting.image_alpha import IMAGE_LEVELS, stretch_levels
from figureground.matting.letterbox import letterbox
from figureground.matting.small_regions import resolve_uncertain_regions
from figureground.models.presets import HEADS, LITE
from figureground.models.shipped import find_model

ROOT = Path(__file__).resolve().parents[1]
FIGURES = ROOT / "docs" / "figures"
PACKAGE = ROOT / "src" / "figureground"
EXAMPLE = ROOT / "examples" / "astronaut.jpg"
BLUE, ORANGE, GREY, INK = "#dbe7ff", "#ffe3c7", "#eef0f3", "#1d2430"
Pixels = NDArray[np.uint8]


def svg(width: int, height: int, parts: list[str], *, says: str) -> str:
    """A drawing on a white card, which is read on light and dark pages."""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{escape(says)}" font-family="system-ui, sans-serif" font-size="13">'
    )
    arrow = (
        '<marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        'orient="auto"><path d="M0 0L8 4L0 8z" fill="#66707f"/></marker>'
    )
    card = f'<rect width="{width}" height="{height}" rx="10" fill="#ffffff"/>'
    return "\n".join([head, f"<defs>{arrow}</defs>", card, *parts, "</svg>"]) + "\n"


def box(place: tuple[float, float], size: tuple[int, int], fill: str, *lines: str) -> str:
    """A box around a centre, with lines of text."""
    (x, y), (width, height) = place, size
    drawn = [
        f'<rect x="{x - width / 2:g}" y="{y - height / 2:g}" width="{width}" height="{height}" '
        f'rx="6" fill="{fill}" stroke="#9aa4b2"/>'
    ]
    for number, line in enumerate(lines):
        down = y + 4.5 + 15 * (number - (len(lines) - 1) / 2)
        weight = ' font-weight="600"' if number == 0 else ""
        drawn.append(
            f'<text x="{x:g}" y="{down:g}" text-anchor="middle" fill="{INK}"{weight}>{escape(line)}</text>'
        )
    return "".join(drawn)


def line(path: str, *, dashed: bool = False) -> str:
    """An arrow along a path."""
    dash = ' stroke-dasharray="4 3"' if dashed else ""
    return f'<path d="{path}" fill="none" stroke="#66707f"{dash} marker-end="url(#tip)"/>'


# The network


ROWS = [46 + 66 * number for number in range(len(LITE.decoder) + 1)]
LEFT, MIDDLE, RIGHT, FAR = 130, 380, 630, 820  # centres of columns


def network() -> str:
    """The structure of `lite` as an SVG: encoder down, bridge, decoder up, four mattes."""
    import keras

    from figureground.models.backbones import BACKBONES
    from figureground.models.network import build_network, encoder_layers

    side, low = LITE.size, ROWS[-1]
    taps = BACKBONES[LITE.backbone].features(keras.Input((side, side, 3)))
    encoder = [(side, 3), *[(int(tap.shape[1]), int(tap.shape[3])) for tap in taps]]
    built = build_network(LITE, backbone_weights="none")
    inside = sum(layer.count_params() for layer in encoder_layers(built))
    count = (
        f"{built.count_params() / 1e6:.2f} million parameters, {inside / 1e6:.2f} in the encoder"
    )
    dilated = f"{LITE.bridge} filters, dilated by {', '.join(map(str, LITE.dilations))}"
    parts = [
        *down(encoder),
        *up([cells for cells, _ in encoder]),
        box((MIDDLE, low), (230, 42), GREY, "bridge", dilated),
        line(f"M{LEFT + 85} {low}H{MIDDLE - 116}"),
        line(f"M{MIDDLE + 115} {low}H{RIGHT}V{ROWS[-2] + 22}"),
        f'<text x="{MIDDLE}" y="{low + 48}" text-anchor="middle" fill="{INK}">{count}; '
        "dashed: details of the same size, joined</text>",
    ]
    return svg(915, low + 68, parts, says=f"The network: {count}")


def down(encoder: list[tuple[int, int]]) -> Iterator[str]:
    """The image and the encoder's steps, of each its cells a side and its channels."""
    for number, (cells, channels) in enumerate(encoder):
        name = "image" if number == 0 else f"encoder, 1/{2**number}"
        yield box((LEFT, ROWS[number]), (170, 42), BLUE, name, shape(cells, channels))
        if number:
            yield line(f"M{LEFT} {ROWS[number - 1] + 21}V{ROWS[number] - 22}")


def up(cells: list[int]) -> Iterator[str]:
    """The decoder's steps and the mattes; cells: a side of the image and of the encoder's steps."""
    steps = len(LITE.decoder)
    for step, filters in enumerate(LITE.decoder, start=1):
        left = steps - step  # doublings between here and full resolution
        row, text = ROWS[left], shape(cells[left], filters)
        yield box((RIGHT, row), (170, 42), ORANGE, f"decoder {step}", text)
        yield line(f"M{LEFT + 85} {row}H{RIGHT - 86}", dashed=True)
        if step > 1:
            yield line(f"M{RIGHT} {row + 45}V{row + 22}")
        if left < HEADS:
            answer = "matte, in training" if left else "matte: the answer"
            yield box((FAR, row), (150, 30), GREY, answer)
            yield line(f"M{RIGHT + 85} {row}H{FAR - 76}")


def shape(cells: int, channels: int) -> str:
    """Rows, columns and channels."""
    return f"{cells} \N{MULTIPLICATION SIGN} {cells} \N{MULTIPLICATION SIGN} {channels}"


# The rooms


@cache
def imports() -> dict[str, frozenset[str]]:
    """The rooms of the package, and the rooms that each imports from."""
    found: dict[str, set[str]] = {}
    rooms = {path.name.removesuffix(".py") for path in PACKAGE.iterdir()}
    rooms = {room for room in rooms if not room.startswith("__") and any(modules(room))}
    for room in rooms:
        trees = [ast.parse(path.read_text("utf-8")) for path in modules(room)]
        nodes = [node for tree in trees for node in ast.walk(tree)]
        names = [
            f"{n.module}.{a.name}" for n in nodes if isinstance(n, ast.ImportFrom) for a in n.names
        ]
        names += [a.name for n in nodes if isinstance(n, ast.Import) for a in n.names]
        inside = [name.split(".")[1] for name in names if name.startswith("figureground.")]
        found[room] = set(inside) & rooms - {room}
    return {room: frozenset(below) for room, below in found.items()}


def modules(room: str) -> Iterator[Path]:
    """The files of a room."""
    yield from [path for path in [PACKAGE / f"{room}.py"] if path.is_file()]
    yield from sorted((PACKAGE / room).rglob("*.py"))


def depth_of(room: str, under: tuple[str, ...] = ()) -> int:
    """How many rooms lie above one, on the longest way up.

    Raises:
        ValueError: the way up comes back to where it was.
    """
    if room in under:
        raise ValueError(f"rooms import each other: {' <- '.join((*under, room))}")
    above = [other for other, below in imports().items() if room in below]
    return max((1 + depth_of(other, (*under, room)) for other in above), default=0)


def below(room: str) -> set[str]:
    """All rooms that one needs, also by way of others."""
    direct = imports()[room]
    return set(direct).union(*map(below, direct))


def rooms() -> str:
    """What imports what, as an SVG; an arrow that follows from others is left out."""
    depths: dict[int, list[str]] = {}
    for room in sorted(imports()):
        depths.setdefault(depth_of(room), []).append(room)
    width, places = 915, {}
    for depth, there in depths.items():
        for number, room in enumerate(there):
            x = width * (number + 1) / (len(there) + 1)
            places[room] = (x, 40 + 74 * depth)
    parts = []
    for room, direct in sorted(imports().items()):
        for other in sorted(direct):
            if not any(other in below(between) for between in direct - {other}):
                (x, y), (to, down) = places[room], places[other]
                parts.append(
                    line(
                        f"M{x:g} {y + 16}V{down - 58}C{x:g} {down - 37} {to:g} {down - 37} {to:g} {down - 17}"
                    )
                )
    for room, place in places.items():
        fill = BLUE if (PACKAGE / room).is_dir() else GREY
        parts.append(box(place, (118, 32), fill, room))
    says = "The rooms of the package; arrows point to what is imported"
    return svg(width, 80 + 74 * max(depths), parts, says=says)


# The road of an image


def grey(alpha: NDArray[np.float32]) -> Pixels:
    """A matte as pixels to look at."""
    return np.repeat(np.rint(alpha * 255).astype(np.uint8)[..., None], 3, axis=2)


def road() -> Pixels:
    """What each step gives for the example: all of it, and below a part of its hair, enlarged."""
    remover = Remover()
    cutout = remover.remove(EXAMPLE)
    rgb = cutout.original.rgb
    engine = open_engine(find_model("lite"))
    square, _ = letterbox(rgb, engine.size)
    found = engine(square)
    sure = stretch_levels(found, IMAGE_LEVELS)
    steps = {
        "1  the image": rgb,
        "2  the network's matte": grey(found),
        "3  levels, small regions": grey(resolve_uncertain_regions(sure)),
        "4  edges refined": grey(cutout.alpha),
        "5  over a colour": np.asarray(cutout.composite("#3b7a57")),
    }
    side, gap, text = 176, 6, 22
    font = ImageFont.load_default(13)
    sheet = Image.new("RGB", (len(steps) * (side + gap) + gap, text + 2 * (side + gap)), "white")
    draw = ImageDraw.Draw(sheet)
    for number, (name, pixels) in enumerate(steps.items()):
        image, x = Image.fromarray(np.asarray(pixels)[..., :3]), gap + number * (side + gap)
        width, height = image.size
        part = image.crop(
            (int(width * 0.46), int(height * 0.03), int(width * 0.60), int(height * 0.17))
        )
        draw.text((x, 4), name, INK, font)
        sheet.paste(image.resize((side, side), Image.Resampling.LANCZOS), (x, text))
        sheet.paste(part.resize((side, side), Image.Resampling.BICUBIC), (x, text + side + gap))
    return np.asarray(sheet)


def before() -> Pixels:
    """The example."""
    return np.asarray(Image.open(EXAMPLE).convert("RGB"))


def after() -> Pixels:
    """The example without its background."""
    return np.asarray(Remover().remove(EXAMPLE).image)


DRAWINGS: dict[str, Callable[[], str]] = {"network.svg": network, "rooms.svg": rooms}
SHEETS: dict[str, Callable[[], Pixels]] = {
    "road.webp": road,
    "before.webp": before,
    "after.webp": after,
}


def main() -> int:
    """Draw all figures."""
    FIGURES.mkdir(exist_ok=True)
    for name, drawing in DRAWINGS.items():
        (FIGURES / name).write_text(drawing(), encoding="utf-8")
    for name, sheet in SHEETS.items():
        Image.fromarray(sheet()).save(FIGURES / name, quality=82, method=6)
    return 0


if __name__ == "__main__":
    sys.exit(main())

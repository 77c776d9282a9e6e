"""One HTML page that needs nothing beside itself: its style, tables, and images within it."""

import base64
import html
import io
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from PIL import Image

from figureground.arrays import Rgb

QUALITY = 85  # of the JPEG images
LEGEND = (
    "Mattes are laid over magenta, where every remnant shows. Differences: "
    '<span class="key too-much"></span>kept though background, '
    '<span class="key too-little"></span>lost though person.'
)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One case as a page shows it."""

    name: str
    note: str  # how good it is
    images: tuple[tuple[str, str], ...]  # label, address that holds the image itself


def render_page(title: str, parts: Sequence[str], *, networks: int = 1) -> str:
    """Return the text of a page: its title, then its parts, which are HTML.

    networks: 1 or 2 that are compared, which decides the colours.
    """
    style = files("figureground.report").joinpath("page.css").read_text("utf-8")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)}</title><style>{style}</style></head>"
        f'<body class="{"two" if networks == 2 else "one"}"><h1>{html.escape(title)}</h1>'
        f"{''.join(parts)}</body></html>\n"
    )


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table; heads are texts, cells are HTML, `<td>` and all."""
    lines = [f"<tr>{''.join(f'<th>{html.escape(head)}</th>' for head in heads)}</tr>"]
    lines += [f"<tr>{''.join(row)}</tr>" for row in rows]
    return f'<div class="scroll"><table>{"".join(lines)}</table></div>'


def cases(heading: str, figures: Sequence[Figure]) -> str:
    """Return a section of cases with their images; nothing where there are none."""
    if not figures:
        return ""
    shown = "".join(map(_figure, figures))
    return f'<h2>{heading}</h2><p>{LEGEND}</p><div class="cases">{shown}</div>'


def _figure(case: Figure) -> str:
    shown = "".join(
        f'<div class="panel"><img src="{address}" alt="{html.escape(label)}">'
        f"{html.escape(label)}</div>"
        for label, address in case.images
    )
    caption = f"<b>{html.escape(case.name)}</b><span>{html.escape(case.note)}</span>"
    return f'<figure><figcaption>{caption}</figcaption><div class="panels">{shown}</div></figure>'


def image_address(image: Rgb) -> str:
    """Return an address that holds an image, uint8 (H, W, 3), itself, as JPEG."""
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=QUALITY)
    return f"data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode()}"

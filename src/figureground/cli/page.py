"""Write the web page as a static site, which any host serves.

  figureground page site                 then: python -m http.server -d site

The network runs in the browser: images never leave the computer of who looks at the page. It needs
https or localhost for everything it can do. `figureground serve` shows the same page, and works on
videos too.
"""

import argparse
from pathlib import Path

from figureground.page.site import write_page


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what this verb takes."""
    parser.add_argument(
        "folder", type=Path, metavar="DIR", help="a new folder, or one with an older page"
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="print nothing")


def run(arguments: argparse.Namespace) -> int:
    """Write the page."""
    size = write_page(arguments.folder)
    if not arguments.quiet:
        print(f"{arguments.folder / 'index.html'} and what it needs, {size / 1e6:.1f} MB")
    return 0

"""The site of the documents: it builds without a warning, and asks no other host for anything."""

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

import pytest
import yaml
from shown import ROOT

import figureground

LOADED = {
    "link": "href",
    "script": "src",
    "img": "src",
    "source": "src",
    "iframe": "src",
    "video": "src",
}
NAMED = {"canonical", "prev", "next"}  # links that a browser does not load


class Page(HTMLParser):
    """What a page loads, where it leads, and what can be led to."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.leads: list[str] = []
        self.ids: set[str] = set()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        self.tags.append((tag, given))
        self.ids.add(given.get("id", ""))
        if tag in LOADED and given.get(LOADED[tag]) and given.get("rel") not in NAMED:
            self.loads.append(given[LOADED[tag]])
        if tag == "a" and "href" in given:
            self.leads.append(given["href"])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as `make docs` builds it: any warning is an error there."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--site-dir", str(folder)],
        cwd=ROOT, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    return {path: Page(path) for path in site.rglob("*.html")}


def test_a_page_loads_nothing_from_elsewhere(site: Path, pages: dict[Path, Page]) -> None:
    assert len(pages) > 40
    for path, page in pages.items():
        outside = [
            url
            for url in page.loads
            if urlsplit(url).scheme not in ("", "data") or url.startswith("//")
        ]
        assert outside == [], path
    for path in site.rglob("*.css"):
        asked = re.findall(
            r"(?:url\(|@import)\s*['\"]?(?:https?:)?//[^)]*", path.read_text("utf-8")
        )
        assert asked == [], path
    # The theme asks GitHub for a repository's stars where one is named.
    assert not [
        path
        for path, page in pages.items()
        for _, given in page.tags
        if given.get("data-md-component") == "source"
    ]


def test_all_links_inside_lead_somewhere(site: Path, pages: dict[Path, Page]) -> None:
    for path, page in pages.items():
        if path.name == "404.html":
            continue
        for link in [*page.loads, *page.leads]:
            if urlsplit(link).scheme or link.startswith("#"):
                continue
            place, anchor = urldefrag(link.partition("?")[0])
            target = (path.parent / unquote(place)).resolve()
            target = target / "index.html" if target.is_dir() else target
            assert target.is_file(), f"{path.relative_to(site)} leads to {link}"
            if anchor and target in pages:
                assert unquote(anchor) in pages[target].ids, (
                    f"{path.relative_to(site)} leads to {link}"
                )


def test_the_first_page_compares_two_images_by_a_range(site: Path, pages: dict[Path, Page]) -> None:
    tags = pages[site / "index.html"].tags
    [slider] = [given for tag, given in tags if tag == "input" and given.get("type") == "range"]
    assert slider["aria-label"]
    sources = {given["src"] for tag, given in tags if tag == "img"}
    assert {"figures/before.webp", "figures/after.webp"} <= sources
    assert any(given.get("src") == "assets/compare.js" for tag, given in tags if tag == "script")


def test_every_exported_name_is_described(site: Path, pages: dict[Path, Page]) -> None:
    page = pages[site / "reference" / "python" / "index.html"]
    names = [name for name in figureground.__all__ if not name.startswith("__")]
    assert [name for name in names if not any(i.endswith(f".{name}") for i in page.ids)] == []
    assert any(i.endswith("Remover.remove") for i in page.ids)


def test_every_guide_is_in_the_menu(site: Path, pages: dict[Path, Page]) -> None:
    menu = {
        (site / link).resolve()
        for link in pages[site / "index.html"].leads
        if not urlsplit(link).scheme
    }
    guides = [
        path for path in pages
        if path.name == "index.html" and not re.search(r"lab/\d{4}-", path.as_posix())
    ]  # fmt: skip
    assert [path for path in guides if path.parent not in menu] == []


def test_images_of_the_readme_are_seen_elsewhere_too() -> None:
    raw = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))["extra"]["raw"]
    targets = re.findall(r"!\[[^]]*\]\(([^)]*)\)", (ROOT / "README.md").read_text("utf-8"))
    assert targets
    for target in targets:
        assert target.startswith(raw) and (ROOT / target.removeprefix(raw)).is_file(), target

"""Results for people: one page, with the cases that are worth a look."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from figureground.datasets.pairs import Pair
from figureground.errors import DataError
from figureground.evaluation.cases import AlphaOf, solve
from figureground.evaluation.evaluate import Row
from figureground.evaluation.page import render, show
from figureground.media.atomic import atomic
from figureground.report.page import Figure

WORST, BEST = 12, 6  # cases that the page shows


@dataclass(frozen=True, kw_only=True, eq=False)
class Result:
    """What one network did on a data set, and the network, to see its cases again."""

    name: str
    rows: Sequence[Row]
    alpha_of: AlphaOf


def write_page(
    results: Sequence[Result], pairs: Sequence[Pair], path: Path, *, title: str,
    settings: Mapping[str, object], parts: Mapping[str, Sequence[Row]],
) -> None:  # fmt: skip
    """One HTML page that needs nothing beside itself.

    Histograms, means with intervals, the worst twelve cases and the best six; of two networks also
    the differences, and the cases where the second lost and gained most. The cases are computed
    again, so that measuring keeps nothing of an image.

    Args:
        results: one network's, or two of different names on the same images.
        pairs: those images.
        path: the file.
        title: what stands above.
        settings: whatever decided the result, printed below it.
        parts: one network's rows of each data set, where there are several; or nothing.
    Raises:
        DataError: the results are not one or two, or not of these images.
        FileError: the file cannot be written.
    """
    named = {result.name: result.rows for result in results}
    if len(results) not in (1, 2) or len(named) != len(results):
        raise DataError(f"a page shows one network or two of different names, not {list(named)}")
    names = [pair.name for pair in pairs]
    for result in results:
        if [row.name for row in result.rows] != names:
            raise DataError(f"the results of {result.name!r} are not of these images")
    worst, best = choose([result.rows for result in results])
    page = render(
        named, title=title, settings=settings, parts=parts,
        worst=[_shown(results, pairs, number) for number in worst],
        best=[_shown(results, pairs, number) for number in best],
    )  # fmt: skip
    with atomic(path) as temporary:
        temporary.write_text(page, encoding="utf-8")


def choose(results: Sequence[Sequence[Row]]) -> tuple[list[int], list[int]]:
    """Numbers of the cases with the lowest IoU, worst first, and with the highest, best first.

    Of two networks' rows it is the second's gain in IoU that decides, and cases without any are in
    neither list. No case is in both.
    """
    last = [row.scores["iou"] for row in results[-1]]
    base = [row.scores["iou"] for row in results[0]] if len(results) > 1 else [0.0] * len(last)
    gains = [after - before for before, after in zip(base, last, strict=True)]
    order = sorted(range(len(last)), key=gains.__getitem__)
    if len(results) > 1:
        lost = [number for number in order if gains[number] < 0]
        return lost[:WORST], [number for number in order[::-1] if gains[number] > 0][:BEST]
    return order[:WORST], order[WORST:][::-1][:BEST]


def _shown(results: Sequence[Result], pairs: Sequence[Pair], number: int) -> Figure:
    cases = [solve(result.alpha_of, pairs[number]) for result in results]
    rows = [result.rows[number] for result in results]
    return show(cases, rows, [result.name for result in results])

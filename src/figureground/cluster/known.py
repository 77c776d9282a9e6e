"""What a journal knows to be done, in little memory: 48 bytes an image of one result."""

from collections.abc import Iterable

from figureground.cluster.hashes import HashColumn, LastValues, text_hash
from figureground.cluster.journal import ClusterJournal
from figureground.cluster.rows import DIED, SETTLED, SKIPPED, Item

COLUMNS = ("source", "size", "modified", "status", "outputs", "fingerprint")


class Known:
    """What became of images by the last row about each.

    Texts are kept as hashes: two of 64 bits have to agree before an image is taken for done, so
    among 50 million the chance that any is passed over wrongly is below 1 in 10^13.
    """

    def __init__(self, journal: ClusterJournal) -> None:
        """Read all parts. Raises FileError where one cannot be read."""
        self._journal = journal
        names, states, results, makers = HashColumn(), HashColumn(), HashColumn(), HashColumn()
        for table in journal.tables(COLUMNS):
            for row in zip(*(table[name].to_pylist() for name in ("source", "outputs")),
                           *(_plain(table[name]) for name in ("size", "modified")),
                           *(table[name].to_pylist() for name in ("status", "fingerprint")),
                           strict=True):  # fmt: skip
                source, outputs, size, modified, status, fingerprint = row
                if status not in (*SETTLED, DIED):
                    continue
                name = text_hash(source, *outputs)
                names.append(name)
                states.append(text_hash(str(name), size, modified, fingerprint, _class(status)))
                for output in outputs if status not in (SKIPPED, DIED) else ():
                    results.append(text_hash(output))
                    makers.append(text_hash(source))
        self._states = LastValues(names.all(), states.all())
        self._makers = LastValues(results.all(), makers.all())

    def __len__(self) -> int:
        return len(self._states)

    def is_done(self, item: Item, *, skip_empty: bool) -> bool:
        """Return whether an image is done and has not changed since.

        skip_empty: one that was found to show nobody, and so has no results, is done too.
        """
        state = self._states.get(self._name(item))
        return state is not None and (
            state == self._state(item, DONE_CLASS)
            or (skip_empty and state == self._state(item, SKIPPED))
        )

    def is_left_out(self, item: Item) -> bool:
        """Return whether processes died on this very file, with these very settings."""
        state = self._states.get(self._name(item))
        return state is not None and state == self._state(item, DIED)

    def has_other_source(self, item: Item) -> bool:
        """Return whether one of its results was made from another image."""
        own = text_hash(self._journal.place(item.source))
        makers = [self._makers.get(text_hash(self._journal.place(path))) for path in item.outputs]
        return any(maker is not None and maker != own for maker in makers)

    def _name(self, item: Item) -> int:
        place = self._journal.place
        return text_hash(place(item.source), *map(place, item.outputs))

    def _state(self, item: Item, status: str) -> int:
        name = str(self._name(item))
        return text_hash(name, item.size, item.modified, self._journal.fingerprint, status)


DONE_CLASS = "done"


def _class(status: str) -> str:
    return status if status in (SKIPPED, DIED) else DONE_CLASS


def _plain(column: object) -> Iterable[int | None]:
    """A column of numbers or times as integers."""
    return column.cast("int64").to_pylist()  # type: ignore[attr-defined, no-any-return]

"""Images that one task of the cluster is about."""

from dataclasses import dataclass, replace

from figureground.cluster.rows import Item


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Some images of one job."""

    name: str  # unlike that of any other batch
    job: str  # by which workers know the job
    items: tuple[Item, ...]
    again: bool = False  # a copy of a batch that takes long elsewhere
    careful: bool = False  # workers died of it: each image in a process of its own

    def parts(self) -> "list[Batch]":
        """Each image as a careful batch of its own."""
        return [
            Batch(name=f"{self.name}-{number}", job=self.job, items=(item,), careful=True)
            for number, item in enumerate(self.items)
        ]

    def without(self, done: set[str], name: str) -> "Batch":
        """The batch, by another name, of what is not done; `done` are sources."""
        rest = tuple(item for item in self.items if item.source not in done)
        return replace(self, name=name, items=rest, again=False)

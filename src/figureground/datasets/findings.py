"""What may be found in a data set, and how to mend it."""

from dataclasses import dataclass

# What may be found, whether training and measuring would fail or be wrong, and how to mend it.
ERRORS = {
    "no-mask": "images without a mask; add one of the same name, or take the image away",
    "no-image": "masks without an image; add it, or take the mask away",
    "two-files": "names that two files share; rename one of each",
    "bad-image": "images that cannot be read; replace them or take them away",
    "bad-mask": "masks that cannot be understood; save them as grey PNG, 0 to 255",
    "size": "masks of another shape than their image; draw them on the upright image",
    "other-set": "images that are in another set too; take them out of one",
}
WARNINGS = {
    "contradicted": "masks that differ much from what the network sees; look at them",
    "more-people": "masks that lack people, or much of them, whom the network sees; look at them",
    "scaled": "masks of another size than their image; they are scaled to fit",
    "empty": "masks without a person; fine if nobody is in the image",
    "full": "masks that are all person; seldom right",
    "zero-one": "masks of 0 and 1 among others; understood as 0 and 255",
    "three-level": "masks of three levels, perhaps trimaps; grey is understood as half a person",
    "faint": "masks that are nowhere above a half; seldom right",
    "lossy": "masks saved as JPEG, which frays their edges; PNG keeps them",
    "duplicate": "images that are there twice; keep one of each",
    "near-duplicate": "images that are nearly the same; `figureground data split` keeps them "
    "together",
    "near-other-set": "images much like one of another set; scores on it will be too good",
}
# What keeps a pair from being learnt from: it must be mended, or its mask is seldom right. Not so
# `empty`, for images of nobody teach too; of duplicates the first that is sound stays.
SUSPECT = {"contradicted", "more-people"}  # by the network
INVALID = {*ERRORS, *SUSPECT, "full", "faint"}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One fault or oddity of one pair."""

    kind: str  # a key of ERRORS or WARNINGS
    name: str  # of the pair
    detail: str = ""
    grave: float = 0.0  # of one kind those come first where this is higher

    @property
    def is_error(self) -> bool:
        """Whether it must be mended."""
        return self.kind in ERRORS

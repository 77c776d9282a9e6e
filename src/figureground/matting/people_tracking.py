"""Follow people who were chosen in a video's first frame.

From frame to frame a person is known by overlap. Where one who is followed and another come to
touch, each pixel belongs to whom it was nearest to in the frame before.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha
from figureground.errors import StyleError
from figureground.matting.people_selection import (
    JOINED,
    Chosen,
    Labels,
    Where,
    is_of,
    keep_only,
    label_people,
    pick_people,
    sample_person,
)
from figureground.matting.small_regions import nearest_label

BOTH = 0.2  # of a region on those followed and on others, from which on it holds both
FARTHEST = 1.5  # roots of a person's area that they may move in a frame and be known still
PATIENCE = 12  # frames without those followed, after which a word chooses anew


class FollowedPeople(NamedTuple):
    """Where people were when they were last seen, bool (H, W)."""

    kept: Where
    others: Where
    missing: int = 0  # frames since those who are kept were last seen


def follow_people(
    alpha: Alpha, chosen: Chosen, memory: FollowedPeople | None
) -> tuple[Alpha, FollowedPeople | None]:
    """Keep, in a frame, the people who were chosen in the first; see `choose_people`.

    Args:
        alpha: float32 (H, W), 0 to 1, of one size throughout.
        chosen: who is kept, as of the first frame. Once those are gone for 12 frames, a word
            chooses anew; points and masks wait.
        memory: what the last call returned; None at the beginning.
    Returns: float32 (H, W); and the memory for the next call.
    """
    labels, count = label_people(alpha)
    if isinstance(chosen, str) and memory is not None and memory.missing >= PATIENCE:
        memory = None
    if memory is None:
        if count == 0 and isinstance(chosen, str):
            return alpha, None
        if count == 0:
            raise StyleError("nobody is in the first frame; choose people where somebody is seen")
        kept = is_of(labels, pick_people(labels, count, alpha, chosen))
    else:
        kept = _overlapping(labels, count, alpha, memory)
    body = alpha > JOINED
    if (kept & body).any() or memory is None:
        memory = FollowedPeople(kept=kept & body, others=~kept & body)
    else:
        memory = FollowedPeople(kept=memory.kept, others=body, missing=memory.missing + 1)
    return keep_only(alpha, kept), memory


def _overlapping(labels: Labels, count: int, alpha: Alpha, memory: FollowedPeople) -> Where:
    """Return which pixels belong to those who are followed, bool (H, W)."""
    body = alpha > JOINED
    shares = [
        np.bincount(labels[body & where], minlength=count + 1)
        for where in (memory.kept, memory.others)
    ]
    area = np.maximum(1, np.bincount(labels[body], minlength=count + 1))
    theirs, foreign = (share / area for share in shares)
    kept = is_of(labels, np.flatnonzero(theirs > foreign))
    if not theirs.any() and count:
        return _moved_on(labels, alpha, memory, np.flatnonzero(foreign == 0))
    both = is_of(labels, np.flatnonzero((theirs >= BOTH) & (foreign >= BOTH)))
    if both.any():
        whose = nearest_label(memory.kept.astype(np.int32) + 2 * memory.others.astype(np.int32))
        kept = np.where(both, whose == 1, kept)
    return kept


def _moved_on(
    labels: Labels, alpha: Alpha, memory: FollowedPeople, new: NDArray[np.int64]
) -> Where:
    """Return where those are who moved farther than they are wide, if that is not far, bool (H, W).

    new: labels of those who were not seen before.
    """
    before = np.argwhere(memory.kept)
    far = {
        int(person): float(
            np.hypot(*(sample_person(labels, alpha, int(person)) - before.mean(0)).T).min()
        )
        for person in new
        if person
    }
    nearest = min(far, key=far.__getitem__, default=0)
    reached = nearest and far[nearest] <= FARTHEST * len(before) ** 0.5
    return np.asarray(labels == (nearest if reached else -1), np.bool_)

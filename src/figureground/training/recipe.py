"""Recipe: every setting of a training run."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from math import isfinite
from typing import Any

from figureground.errors import RecipeError
from figureground.models.presets import HEADS, find_preset

TERMS = ("bce", "boundary", "dice", "focal", "laplacian", "tversky")  # of the loss
LOSSES = {"bce": 1.0, "dice": 1.0}  # where a recipe says nothing of them
LARGEST_SEED = 2**32 - 1  # that NumPy takes
CHOICES = {
    "optimizer": ("adam", "adamw"),
    "schedule": ("constant", "cosine"),
    "precision": ("bfloat16", "float16", "float32"),
}
AT_LEAST = {"epochs": 1, "batch": 1, "accumulate": 1, "plateau": 0, "patience": 0}
FROM_0_TO_BELOW_1 = ("val_share", "paste", "recomposed", "negatives", "average")
NOT_BELOW_0 = (
    *("edge", "unknown", "warmup", "weight_decay", "clip"),
    *("lowest_rate", "encoder_rate", "first_rate"),
)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Settings of a training run; saved beside its weights as recipe.toml."""

    data: tuple[str, ...]  # folders or manifests, each PLACE or PLACE:WEIGHT
    val: str | None = None  # a set of its own; else a share of the data is held back
    val_share: float = 0.2
    seed: int = 42

    preset: str = "lite"
    size: int = 256  # rows and columns the network sees in training
    backbone_weights: str = "imagenet"  # or "none", or a path
    init: str | None = None  # a network to start from, in place of the backbone's weights
    precision: str = "float32"  # of the network's arithmetic; its weights stay float32

    epochs: int = 20
    batch: int = 8
    accumulate: int = 1  # batches whose gradients are averaged before one step
    optimizer: str = "adamw"
    rate: float = 1e-3  # learning rate once warm
    encoder_rate: float = 1.0  # times the rate, for the encoder
    first_rate: float = 1.0  # times that, for its first layer; those between lie between
    learns: tuple[str, ...] = ()  # beginnings of names of layers that learn; all, if there are none
    frozen_epochs: int = 0  # epochs until the encoder learns too
    weight_decay: float = 1e-4  # adamw only
    clip: float = 1.0  # longest gradient, the norm over all weights; 0 clips none
    average: float = 0.0  # what the mean of past weights keeps a step, say 0.999; 0 takes no mean

    schedule: str = "cosine"  # to zero; or constant
    warmup: float = 0.5  # epochs until the rate is reached
    plateau: int = 0  # epochs without a better val_loss until the rate falls; 0 never
    plateau_factor: float = 0.1  # to this share of it
    lowest_rate: float = 0.0  # but not below
    patience: int = 0  # epochs without a better val_loss until the run stops; 0 never

    losses: Mapping[str, float] = field(default_factory=lambda: dict(LOSSES))
    heads: tuple[float, ...] = (0.25, 0.25, 0.5, 1.0)  # weights of the mattes, the answer last
    edge: float = 0.0  # how much more the pixels around an edge weigh in the loss
    unknown: float = 0.0  # how much more those that are neither person nor background weigh

    teachers: tuple[str, ...] = ()  # runs, presets that ship or weights; see `teacher`
    taught: float = 0.5  # share of the truth that is theirs, if there are any

    natural: float = 0.0  # share of samples that are shown as in use: for a run's last epochs
    paste: float = 0.0  # share of samples that get another sample's person pasted in
    backgrounds: str | None = None  # folder of pictures without people to put people before
    recomposed: float = 0.0  # share of samples put before one of those
    negatives: float = 0.0  # share of samples that show nothing but one of those
    cache: str | None = None  # a folder that keeps decoded pictures for other runs

    def __post_init__(self) -> None:
        if not self.data:
            raise RecipeError('nothing to learn from: give --data DIR, or data = ["DIR"] in a file')
        stride = find_preset(self.preset).stride
        if self.size < stride or self.size % stride:
            raise RecipeError(f"size must be a multiple of {stride} pixels, got {self.size}")
        for setting in fields(self):
            self._demand(setting.name, _finite(getattr(self, setting.name)), "finite")
        self._demand("seed", 0 <= self.seed <= LARGEST_SEED, f"from 0 to {LARGEST_SEED}")
        for name, least in AT_LEAST.items():
            self._demand(name, getattr(self, name) >= least, f"at least {least}")
        for name in FROM_0_TO_BELOW_1:
            self._demand(name, 0 <= getattr(self, name) < 1, "from 0 to below 1")
        for name in NOT_BELOW_0:
            self._demand(name, getattr(self, name) >= 0, "0 or more")
        for name, choices in CHOICES.items():
            self._demand(name, getattr(self, name) in choices, " or ".join(choices))
        self._demand("rate", self.rate > 0, "above 0")
        self._demand("plateau_factor", 0 < self.plateau_factor < 1, "above 0 and below 1")
        few = f"0 to epochs ({self.epochs}), as by --set frozen_epochs=0"
        self._demand("frozen_epochs", 0 <= self.frozen_epochs <= self.epochs, few)
        self._check_mixing()
        self._check_losses()

    def _check_mixing(self) -> None:
        for name in ("natural", "taught"):
            self._demand(name, 0 <= getattr(self, name) <= 1, "from 0 to 1")
        for name in ("recomposed", "negatives"):
            if getattr(self, name) and not self.backgrounds:
                raise RecipeError(f"{name} needs backgrounds: a folder of pictures without people")
        self._demand("negatives", self.recomposed + self.negatives <= 1, "1 - recomposed at most")

    def _check_losses(self) -> None:
        fine = len(self.heads) == HEADS and min(self.heads) >= 0 and sum(self.heads) > 0
        self._demand("heads", fine, f"{HEADS} weights of 0 or more, not all 0")
        fine = bool(self.losses) and set(self.losses) <= set(TERMS)
        fine = fine and min(self.losses.values()) >= 0 and sum(self.losses.values()) > 0
        self._demand("losses", fine, f"weights above 0 for some of {', '.join(TERMS)}")

    def _demand(self, name: str, fine: bool, wanted: str) -> None:
        if not fine:
            value: Any = getattr(self, name)
            raise RecipeError(f"{name} must be {wanted}, got {value!r}")


def _finite(value: Any) -> bool:
    """Return whether every number in a setting can be written down, so that a run can go on with it."""
    if isinstance(value, Mapping):
        value = tuple(value.values())
    if isinstance(value, tuple):
        return all(map(_finite, value))
    return not isinstance(value, float) or isfinite(value)

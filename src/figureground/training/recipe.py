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
AT_LEAST = {
    "epochs": 1,
    "batch_size": 1,
    "gradient_accumulation_steps": 1,
    "plateau_patience": 0,
    "patience": 0,
}
FROM_0_TO_BELOW_1 = (
    "val_share",
    "copy_paste",
    "background_replacement",
    "negatives",
    "ema_momentum",
)
NOT_BELOW_0 = (
    *("edge_weight", "unknown_weight", "warmup", "weight_decay", "gradient_clip_norm"),
    *("min_learning_rate", "encoder_lr_scale", "first_layer_lr_scale"),
)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Settings of a training run; saved beside its weights as recipe.toml."""

    data: tuple[str, ...]  # folders or manifests, each PLACE or PLACE:WEIGHT
    val: str | None = None  # a set of its own; else a share of the data is held back
    val_share: float = 0.2
    seed: int = 42

    preset: str = "lite"
    image_size: int = 256  # rows and columns of the network's input in training, pixels
    backbone_weights: str = "imagenet"  # or "none", or a path
    init: str | None = None  # a network to start from, in place of the backbone's weights
    precision: str = "float32"  # of the network's arithmetic; its weights stay float32

    epochs: int = 20
    batch_size: int = 8
    gradient_accumulation_steps: int = 1  # batches whose gradients are averaged before one step
    optimizer: str = "adamw"
    learning_rate: float = 1e-3  # the optimizer's, after warm-up
    encoder_lr_scale: float = 1.0  # learning-rate multiplier of the encoder
    first_layer_lr_scale: float = 1.0
    # extra learning-rate multiplier at the encoder's first layer; rises geometrically to 1 at its
    # last (layer-wise decay)
    trainable: tuple[str, ...] = ()  # layer-name prefixes to train; empty trains everything
    frozen_epochs: int = 0  # epochs until the encoder is trained too
    weight_decay: float = 1e-4  # adamw only
    gradient_clip_norm: float = 1.0  # global norm over all weights; 0 clips none
    ema_momentum: float = 0.0  # exponential moving average of weights, say 0.999; 0: none

    schedule: str = "cosine"  # to zero; or constant
    warmup: float = 0.5  # epochs until learning_rate is reached
    plateau_patience: int = 0  # epochs without a better val_loss until the rate falls; 0: off
    plateau_factor: float = 0.1  # the rate is multiplied by it on a plateau
    min_learning_rate: float = 0.0  # lower bound of the rate
    patience: int = 0  # epochs without a better val_loss until the run stops; 0 never

    losses: Mapping[str, float] = field(default_factory=lambda: dict(LOSSES))
    head_weights: tuple[float, ...] = (0.25, 0.25, 0.5, 1.0)  # loss weights of outputs
    edge_weight: float = 0.0  # extra loss weight of pixels around an edge
    unknown_weight: float = 0.0  # extra loss weight where alpha is neither 0 nor 1

    teachers: tuple[str, ...] = ()  # runs, presets that ship or weights; see `distillation`
    distillation_weight: float = 0.5  # share of the target that is the teachers'

    augment: bool = True  # random views, light and noise; off: pairs are only resized
    natural: float = 0.0  # share of samples that are shown as in use: for a run's last epochs
    copy_paste: float = 0.0  # share of samples with another sample's person pasted in
    backgrounds: str | None = None  # folder of images without people to put people before
    background_replacement: float = 0.0  # share of samples put before one of those
    negatives: float = 0.0  # share of samples that show nothing but one of those
    cache: str | None = None  # a folder that keeps decoded images for other runs

    def __post_init__(self) -> None:
        if not self.data:
            raise RecipeError('nothing to learn from: give --data DIR, or data = ["DIR"] in a file')
        stride = find_preset(self.preset).stride
        if self.image_size < stride or self.image_size % stride:
            raise RecipeError(
                f"image_size must be a multiple of {stride} pixels, got {self.image_size}"
            )
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
        self._demand("learning_rate", self.learning_rate > 0, "above 0")
        self._demand("plateau_factor", 0 < self.plateau_factor < 1, "above 0 and below 1")
        few = f"0 to epochs ({self.epochs}), as by --set frozen_epochs=0"
        self._demand("frozen_epochs", 0 <= self.frozen_epochs <= self.epochs, few)
        self._check_mixing()
        self._check_losses()

    def _check_mixing(self) -> None:
        for name in ("natural", "copy_paste", "background_replacement", "negatives"):
            if getattr(self, name) and not self.augment:
                raise RecipeError(f"{name} needs augment = true")
        for name in ("natural", "distillation_weight"):
            self._demand(name, 0 <= getattr(self, name) <= 1, "from 0 to 1")
        for name in ("background_replacement", "negatives"):
            if getattr(self, name) and not self.backgrounds:
                raise RecipeError(f"{name} needs backgrounds: a folder of images without people")
        self._demand(
            "negatives", self.background_replacement + self.negatives <= 1, "1 - recomposed at most"
        )

    def _check_losses(self) -> None:
        fine = (
            len(self.head_weights) == HEADS
            and min(self.head_weights) >= 0
            and sum(self.head_weights) > 0
        )
        self._demand("head_weights", fine, f"{HEADS} weights of 0 or more, not all 0")
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

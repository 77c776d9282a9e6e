"""What decides a training run."""

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from figureground.errors import RecipeError
from figureground.models.presets import find_preset


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Settings of a training run; saved beside its weights as recipe.json."""

    data: tuple[str, ...]  # folders, each DIR or DIR:WEIGHT
    val: str | None = None  # a folder of its own; else a share of the data is held back
    val_share: float = 0.2
    preset: str = "lite"
    size: int = 256  # rows and columns the network sees in training
    epochs: int = 20
    batch: int = 8
    rate: float = 1e-3  # AdamW learning rate once warm
    warmup: float = 0.5  # epochs until the rate is reached
    weight_decay: float = 1e-4
    frozen_encoder: bool = False  # only bridge, decoder and heads learn
    backbone_weights: str = "imagenet"  # or "none", or a path
    init: str | None = None  # a network to start from, in place of the backbone's weights
    edge: float = 0.0  # how much more the pixels around an edge weigh in the loss
    paste: float = 0.0  # share of samples that get another sample's person pasted in
    backgrounds: str | None = None  # folder of pictures without people to put people before
    recomposed: float = 0.0  # share of samples put before one of those
    seed: int = 42

    def __post_init__(self) -> None:
        stride = find_preset(self.preset).stride
        if self.size < stride or self.size % stride:
            raise RecipeError(f"size must be a multiple of {stride} pixels, got {self.size}")
        for name in ("epochs", "batch"):
            if getattr(self, name) < 1:
                raise RecipeError(f"{name} must be at least 1, got {getattr(self, name)}")
        for name in ("val_share", "paste", "recomposed"):
            if not 0 <= getattr(self, name) < 1:
                raise RecipeError(f"{name} must be from 0 to below 1, got {getattr(self, name)}")
        if self.rate <= 0 or self.edge < 0:
            raise RecipeError(
                f"rate must be above 0 and edge not below, got {self.rate} and {self.edge}"
            )
        if self.recomposed and not self.backgrounds:
            raise RecipeError("recomposed needs backgrounds: a folder of pictures without people")

    def save(self, path: Path) -> None:
        """Write the recipe as JSON."""
        path.write_text(json.dumps(asdict(self), indent=2) + "\n")


def load_recipe(path: Path) -> Recipe:
    """Read a recipe that `Recipe.save` wrote. Raises RecipeError where it cannot be understood."""
    try:
        values = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise RecipeError(f"cannot read the recipe {str(path)!r}: {error}") from error
    unknown = set(values) - {field.name for field in fields(Recipe)}
    if unknown:
        raise RecipeError(f"{str(path)!r} has unknown settings: {', '.join(sorted(unknown))}")
    return Recipe(**{**values, "data": tuple(values["data"])})

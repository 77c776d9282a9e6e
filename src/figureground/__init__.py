"""Takes people out of their background, in photographs, and trains the network that does it."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from figureground.errors import (
    ColorError,
    DataError,
    ExtraError,
    FiguregroundError,
    ImageError,
    ModelError,
    RecipeError,
    RunError,
    SizeError,
    StyleError,
    UsageError,
    VideoError,
)

if TYPE_CHECKING:
    from figureground.jobs.backgrounds import Blur, Gradient, Scene
    from figureground.jobs.composite import Composite
    from figureground.jobs.cutout import Cutout
    from figureground.jobs.job import ImageJob, VideoJob
    from figureground.jobs.remove_video import remove_video
    from figureground.jobs.remover import Remover, remove
    from figureground.jobs.run import run
    from figureground.jobs.style import Style
    from figureground.media.formats import Encoding, VideoEncoding
    from figureground.media.video_part import Part

__all__ = [
    "Blur",
    "ColorError",
    "Composite",
    "Cutout",
    "DataError",
    "Encoding",
    "ExtraError",
    "FiguregroundError",
    "Gradient",
    "ImageError",
    "ImageJob",
    "ModelError",
    "Part",
    "RecipeError",
    "Remover",
    "RunError",
    "Scene",
    "SizeError",
    "Style",
    "StyleError",
    "UsageError",
    "VideoEncoding",
    "VideoError",
    "VideoJob",
    "__version__",
    "remove",
    "remove_video",
    "run",
]
__version__ = "0.2.0"
_MODULES = {
    "Blur": "figureground.jobs.backgrounds",
    "Composite": "figureground.jobs.composite",
    "Cutout": "figureground.jobs.cutout",
    "Encoding": "figureground.media.formats",
    "Gradient": "figureground.jobs.backgrounds",
    "Part": "figureground.media.video_part",
    "ImageJob": "figureground.jobs.job",
    "Remover": "figureground.jobs.remover",
    "Scene": "figureground.jobs.backgrounds",
    "Style": "figureground.jobs.style",
    "VideoEncoding": "figureground.media.formats",
    "VideoJob": "figureground.jobs.job",
    "remove": "figureground.jobs.remover",
    "remove_video": "figureground.jobs.remove_video",
    "run": "figureground.jobs.run",
}


def __getattr__(name: str) -> Any:
    """Load the interface when it is first asked for: importing the package stays instant."""
    if name not in _MODULES:
        raise AttributeError(f"module 'figureground' has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    """List the interface."""
    return list(__all__)

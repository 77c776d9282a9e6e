"""Everything figureground raises on purpose.

    FiguregroundError
    ├── ImageError   an image cannot be read or written
    ├── VideoError     a video cannot be read or written
    ├── FileError      a file that holds no image cannot be read or written
    ├── SizeError      two arrays that belong together differ in size
    ├── UsageError     what is asked for makes no sense, whatever the images hold
    │   ├── ColorError     a background that is neither a colour nor an image
    │   ├── StyleError      settings of how results shall look
    │   └── RecipeError    settings of a training run that make no sense
    ├── ModelError     a network file that cannot be run
    ├── DataError      a data set that cannot be trained on or measured on
    ├── RunError       a training run that cannot begin or go on
    └── ExtraError     an optional dependency is missing; names the extra that brings it

Every message is one line: what arrived, what is allowed, what to do.
"""


class FiguregroundError(Exception):
    """Root of all errors that figureground raises on purpose."""


class ImageError(FiguregroundError):
    """An image cannot be read or written."""


class VideoError(FiguregroundError):
    """A video cannot be read or written."""


class FileError(FiguregroundError):
    """A list, recipe, table, page, journal or network cannot be read or written."""


class SizeError(FiguregroundError):
    """Two arrays that belong together differ in height or width."""


class UsageError(FiguregroundError):
    """What is asked for makes no sense, whatever the images hold."""


class ColorError(UsageError):
    """A background is neither a colour nor an image."""


class StyleError(UsageError):
    """Settings of how results shall look make no sense."""


class RecipeError(UsageError):
    """Settings of a training run make no sense."""


class ModelError(FiguregroundError):
    """A network file cannot be run."""


class DataError(FiguregroundError):
    """A data set cannot be trained on or measured on."""


class RunError(FiguregroundError):
    """A training run cannot begin or go on."""


class ExtraError(FiguregroundError):
    """An optional dependency is missing."""

    def __init__(self, extra: str, what: str) -> None:
        super().__init__(f"{what} needs more packages: pip install 'figureground[{extra}]'")

"""Takes people out of their background, in photographs, and trains the network that does it."""

from typing import TYPE_CHECKING, Any

from figureground.errors import FiguregroundError

if TYPE_CHECKING:
    from figureground.jobs.remover import Cutout, Remover, remove

__all__ = ["Cutout", "FiguregroundError", "Remover", "__version__", "remove"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Load the interface when it is first asked for: importing the package stays instant."""
    if name not in __all__:
        raise AttributeError(f"module 'figureground' has no attribute {name!r}")
    from figureground.jobs import remover

    return getattr(remover, name)

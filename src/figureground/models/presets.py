"""Named network configurations. Plain data: the same function builds every one of them."""

from dataclasses import dataclass

from figureground.errors import UsageError

HEADS = 4  # mattes of every network, the answer last


@dataclass(frozen=True, kw_only=True)
class Preset:
    """What decides a network's structure."""

    name: str
    backbone: str  # a key of models.backbones.BACKBONES
    bridge: int  # filters of the dilated convolutions
    dilations: tuple[int, ...]  # one parallel branch each
    decoder: tuple[int, ...]  # filters of each step; as many steps as the backbone has taps
    separable: bool  # depthwise + pointwise instead of full convolutions
    size: int  # default rows and columns of the network's input
    # Filters and blocks of each of the encoder's stages, where its backbone lets them be chosen.
    stages: tuple[tuple[int, int], ...] = ()

    @property
    def stride(self) -> int:
        """What the sides of a network's input must be divisible by."""
        return int(2 ** len(self.decoder))


RESNET50 = Preset(
    name="resnet50",
    backbone="resnet50",
    bridge=1024,
    dilations=(3, 6, 9),
    decoder=(512, 256, 128, 64),
    separable=False,
    size=512,
)

# The network of the Keras tutorial as its own files hold it: its encoder takes 0..1 as it is.
TUTORIAL = Preset(
    name="tutorial",
    backbone="resnet50_plain",
    bridge=1024,
    dilations=(3, 6, 9),
    decoder=(512, 256, 128, 64),
    separable=False,
    size=512,
    stages=((64, 1), (64, 3), (128, 4), (256, 6)),
)

# The bridge stands on 1/32, where an image is 8 to 16 cells wide: wider dilations see padding.
LITE = Preset(
    name="lite",
    backbone="efficientnet_lite2",
    bridge=128,
    dilations=(1, 2, 4),
    decoder=(96, 64, 48, 24, 16),
    separable=True,
    size=384,
)

PRESETS = {preset.name: preset for preset in (LITE, RESNET50, TUTORIAL)}


def find_preset(name: str) -> Preset:
    """The preset of that name. Raises UsageError where there is none."""
    if name not in PRESETS:
        raise UsageError(f"there is no preset {name!r}; there are {', '.join(sorted(PRESETS))}")
    return PRESETS[name]

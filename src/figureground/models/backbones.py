"""Backbones by name, as presets name them: a new one is one module and one row here."""

from figureground.models import efficientnet_lite2, resnet50

BACKBONES = {
    "efficientnet_lite2": efficientnet_lite2.BACKBONE,
    "resnet50": resnet50.BACKBONE,
}

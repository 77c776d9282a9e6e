"""Backbones by name, as presets name them: a new one is one module and one row here."""

from figureground.models import efficientnet_lite2, resnet50, resnet50_plain

BACKBONES = {
    "efficientnet_lite2": efficientnet_lite2.BACKBONE,
    "resnet50": resnet50.BACKBONE,
    "resnet50_plain": resnet50_plain.BACKBONE,
}

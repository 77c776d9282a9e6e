"""Colour profiles: what the network shall see of a picture that is not in sRGB."""

import io

from PIL import Image


def to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """An image of mode RGB or CMYK in its own profile, brought to sRGB; mode RGB.

    A profile that cannot be used is passed over, as browsers do: the values count as sRGB then.
    """
    from PIL import ImageCms  # only pictures with a profile pay for it

    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "sRGB" in ImageCms.getProfileDescription(source):
            return image if image.mode == "RGB" else image.convert("RGB")
        target = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image.convert("RGB")
    return converted if converted is not None else image.convert("RGB")


def is_rgb_profile(profile: bytes) -> bool:
    """Whether a profile describes RGB values: its colour space stands at byte 16 (ICC.1, 7.2)."""
    return profile[16:20] == b"RGB "

"""Where live images go that are not kept: a window, or a camera that other programs see."""

from typing import Any

from PIL import Image

from figureground.arrays import Rgb, Size
from figureground.errors import ExtraError, VideoError


class Window:
    """A window that shows images until it is closed."""

    def __init__(self, title: str) -> None:
        """Open it. Raises VideoError where there is no display, or Python has no tkinter."""
        remedy = "write a file instead, -o live.mp4"
        try:
            import tkinter

            from PIL import ImageTk
        except ImportError as error:
            raise VideoError(
                f"a window needs tkinter, which Python lacks here; {remedy}"
            ) from error
        try:
            self._root = tkinter.Tk()
        except tkinter.TclError as error:
            raise VideoError(f"cannot open a window: {error}; {remedy}") from error
        self._root.title(title)
        self._root.protocol("WM_DELETE_WINDOW", self._close)
        self._wrap, self._gone = ImageTk.PhotoImage, tkinter.TclError
        self._label = tkinter.Label(self._root, borderwidth=0)
        self._label.pack()
        self._open = True
        self._photo: Any = None  # tkinter forgets images that nobody else holds

    def show(self, rgb: Rgb) -> bool:
        """Show an image, uint8 (H, W, 3); False once the window is closed."""
        if self._open:
            self._photo = self._wrap(Image.fromarray(rgb), master=self._root)
            self._label.configure(image=self._photo)
            self._root.update()
        return self._open

    def close(self) -> None:
        """Close the window, if nobody did."""
        if self._open:
            self._close()

    def _close(self) -> None:
        self._open = False
        self._root.destroy()


class VirtualCamera:
    """A camera that other programs can choose."""

    def __init__(self, size: Size, rate: float) -> None:
        """Begin, for images of `size`, rows and columns, `rate` a second.

        Raises:
            ExtraError: pyvirtualcam is missing.
            VideoError: the system has no driver for such a camera.
        """
        try:
            import pyvirtualcam
        except ImportError as error:
            raise ExtraError("camera", "a virtual camera") from error
        try:
            self._camera = pyvirtualcam.Camera(width=size[1], height=size[0], fps=rate)
        except RuntimeError as error:
            reason = " ".join(str(error).split())
            raise VideoError(
                f"there is no virtual camera: {reason}; Linux needs the module v4l2loopback, "
                "Windows and macOS need OBS"
            ) from error

    def show(self, rgb: Rgb) -> bool:
        """Send an image, uint8 (H, W, 3)."""
        self._camera.send(rgb)
        return True

    def close(self) -> None:
        """End it."""
        self._camera.close()

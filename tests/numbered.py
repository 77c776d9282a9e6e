"""Videos whose frames tell their numbers, with a click in the sound, and what is read of them."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

SIZE = (48, 64)
RATE = Fraction(24)
SOUND_RATE = 48_000
CLICK = 480  # samples of a click: 10 ms
X264 = {"crf": "6", "preset": "veryfast"}
# By name: encoder and options. Where groups are open, their first frames refer to the group before.
CODECS: dict[str, tuple[str, dict[str, str]]] = {
    "h264": ("libx264", {**X264, "bf": "3", "g": "12"}),
    "h264 open": ("libx264", {**X264, "x264-params": "open-gop=1:keyint=12:bframes=3:b-adapt=0"}),
    "h264 plain": ("libx264", {**X264, "bf": "0", "g": "12"}),
    "h265 open": ("libx265", {
        "crf": "6", "preset": "ultrafast",
        "x265-params": "log-level=error:open-gop=1:keyint=12:min-keyint=12:bframes=3:b-adapt=0",
    }),
    "mpeg2": ("mpeg2video", {"bf": "2", "g": "12", "b": "2000000", "qmax": "3"}),
    "mpeg4": ("mpeg4", {"bf": "2", "g": "12", "qmax": "3"}),
    "vp9": ("libvpx-vp9", {"crf": "10", "g": "12", "deadline": "realtime", "cpu-used": "8"}),
}  # fmt: skip


def make_numbered(  # noqa: PLR0913 - each test sets one or two
    path: Path,
    codec: str = "h264",
    *,
    count: int = 48,
    rate: Fraction = RATE,
    kind: str | None = None,
    options: dict[str, str] | None = None,
    sound: str | None = None,
    clicks: tuple[float, ...] = (1.0,),
) -> Path:
    """A video in which frame n has a luma of 16 + 4 n, or 2 n where there are many.

    Args:
        path: its ending names the container, if `kind` does not.
        codec: one of CODECS.
        count: frames.
        rate: frames a second.
        kind: libavformat's name of the container.
        options: of the muxer.
        sound: encoder of a track with a click of 10 ms at each of `clicks`, in seconds.
    """
    name, chosen = CODECS[codec]
    with av.open(str(path), "w", format=kind, container_options=options or {}) as film:
        video = film.add_stream(name, rate=rate, options=chosen)
        video.height, video.width = SIZE
        video.pix_fmt = "yuv420p"
        heard = film.add_stream(sound, rate=SOUND_RATE, layout="mono") if sound else None
        packets: list[av.Packet] = []
        for number in range(count):
            frame = av.VideoFrame(*SIZE[::-1], video.pix_fmt)
            for place, plane in enumerate(frame.planes):
                level = 128 if place else 16 + step(count) * number
                plane.update(bytes([level]) * plane.buffer_size)
            frame.pts, frame.time_base = number, 1 / rate
            packets += video.encode(frame)
        packets += video.encode(None)
        if heard:
            packets += sound_packets(heard, float(count / rate), clicks)
        for packet in sorted(packets, key=lambda p: (p.dts or 0) * p.time_base):
            film.mux(packet)
    return path


def step(count: int) -> int:
    """Levels between two frames."""
    return 4 if count <= 54 else 2


def sound_packets(
    heard: av.AudioStream, seconds: float, clicks: tuple[float, ...]
) -> list[av.Packet]:
    """Silence with clicks, encoded."""
    samples = np.zeros(round(seconds * SOUND_RATE), np.float32)
    for click in clicks:
        at = round(click * SOUND_RATE)
        samples[at : at + CLICK] = click_wave()[: max(0, len(samples) - at)]
    packets = []
    for at in range(0, len(samples), 960):
        part = np.tile(samples[at : at + 960], (heard.codec_context.layout.nb_channels, 1))
        frame = av.AudioFrame.from_ndarray(part, "fltp", heard.codec_context.layout.name)
        frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, at, Fraction(1, SOUND_RATE)
        packets += heard.encode(frame)
    return packets + heard.encode(None)


def click_wave() -> NDArray[np.float32]:
    """Ten milliseconds of a tone that rises in pitch, so that it fits itself at one place only."""
    time = np.arange(CLICK) / SOUND_RATE
    return (0.8 * np.sin(2 * np.pi * (600 * time + 120_000 * time**2))).astype(np.float32)


def numbers_of(lumas: list[float], count: int) -> list[int]:
    """Numbers of frames, by their mean luma."""
    return [round((luma - 16) / step(count)) for luma in lumas]


def shown_numbers(path: Path, count: int, *, width: int | None = None) -> list[int]:
    """Numbers of a result's frames, by PyAV alone; `width` columns from the left of them tell."""
    with av.open(str(path)) as film:
        frames = [_luma(frame) for frame in film.decode(film.streams.video[0])]
    own = [frame[8:-8, 8 : (width or frame.shape[1]) - 8] for frame in frames]
    return numbers_of([float(frame.mean()) for frame in own], count)


def _luma(frame: av.VideoFrame) -> NDArray[np.float64]:
    """A frame's luma, of 8 bits."""
    deep = frame.format.components[0].bits - 8
    plane = np.frombuffer(bytes(frame.planes[0]), np.uint16 if deep else np.uint8)
    rows = plane.reshape(-1, frame.planes[0].line_size // (2 if deep else 1))
    return rows[: frame.height, : frame.width] / (1 << deep)


def heard_at(path: Path) -> list[float]:
    """When clicks are heard after the first image is shown, seconds, to a tenth of a millisecond."""
    with av.open(str(path)) as film:
        first = min(f.pts * f.time_base for f in film.decode(film.streams.video[0]))
    with av.open(str(path)) as film:
        frames = [_placed(frame, first) for frame in film.decode(film.streams.audio[0])]
    begin = min(place for place, _ in frames)
    line = np.zeros(max(place + len(wave) for place, wave in frames) - begin)
    for place, wave in frames:
        line[place - begin :][: len(wave)] = wave
    return [(place + begin) / SOUND_RATE for place in _places(line)]


def _placed(frame: av.AudioFrame, first: Fraction) -> tuple[int, NDArray[np.float64]]:
    """Where a frame of sound begins, in samples after the first image, and its loudest channel."""
    wave = frame.to_ndarray()
    full = np.iinfo(wave.dtype.type).max if issubclass(wave.dtype.type, np.signedinteger) else 1
    wave = wave.astype(np.float64) / full
    wave = wave if frame.format.is_planar else wave.reshape(frame.samples, -1).T
    loud = wave[np.abs(wave).sum(axis=1).argmax()]
    count = round(frame.samples * SOUND_RATE / frame.sample_rate)
    times = np.arange(count) * frame.sample_rate / SOUND_RATE
    place = round((frame.pts * frame.time_base - first) * SOUND_RATE)
    return place, np.interp(times, np.arange(frame.samples), loud)


def _places(samples: NDArray[np.float64]) -> list[int]:
    wave = click_wave()
    if len(samples) < len(wave):
        return []
    size = 1 << (len(samples) + len(wave)).bit_length()
    match = np.fft.irfft(np.fft.rfft(samples, size) * np.conj(np.fft.rfft(wave, size)), size)
    match = np.abs(match[: len(samples)]) / float((wave**2).sum())
    places: list[Any] = []
    while len(places) < 20 and match.max(initial=0) > 0.3:
        place = int(match.argmax())
        places.append(place)
        match[max(0, place - len(wave)) : place + len(wave)] = 0
    return sorted(places)

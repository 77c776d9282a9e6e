"""Sound that changes its channels or rate on the way goes on, in time, in every container."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numbered import CODECS, SIZE, click_wave, heard_at
from videos import convert

from figureground.media.video_sound import changes, plain_decoder

HALF = 1.0  # seconds of each kind of sound
CLICKS = (0.4, 1.4)


def sound_of(codec: str, layout: str, rate: int, path: Path, kind: str) -> Path:
    """A second of sound with a click at 0.4."""
    samples = np.zeros(rate, np.float32)
    time = np.arange(round(480 * rate / 48_000)) * 48_000 / rate
    wave = np.interp(time, np.arange(480), click_wave())
    samples[round(0.4 * rate) :][: len(wave)] = wave
    with av.open(str(path), "w", format=kind) as made:
        stream = made.add_stream(codec, rate=rate, layout=layout)
        channels = av.AudioLayout(layout).nb_channels
        for at in range(0, rate, 1000):
            part = np.tile(samples[at : at + 1000], (channels, 1))
            frame = av.AudioFrame.from_ndarray(part, "fltp", layout)
            frame.sample_rate, frame.pts, frame.time_base = rate, at, Fraction(1, rate)
            made.mux(stream.encode(frame))
        made.mux(stream.encode(None))
    return path


def make_changing(path: Path, kind: str | None, sounds: list[tuple[str, str, int]]) -> Path:
    """Two seconds of grey with one sound and then another, in one track."""
    coded = "adts" if sounds[0][0] == "aac" else "nut"
    parts = [
        sound_of(*sound, path.with_suffix(f".{number}"), coded)
        for number, sound in enumerate(sounds)
    ]
    with av.open(str(path), "w", format=kind) as film:
        mpeg = kind in ("mpeg", "mpegts")
        video = film.add_stream(*CODECS["mpeg2" if mpeg else "mpeg4"][:1], rate=24)
        video.height, video.width, video.pix_fmt = *SIZE, "yuv420p"
        opened = [av.open(str(part)) for part in parts]
        heard = film.add_stream_from_template(opened[0].streams.audio[0])
        packets: list[av.Packet] = []
        for number in range(48):
            frame = av.VideoFrame.from_ndarray(np.full((*SIZE, 3), 128, np.uint8), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 24)
            packets += video.encode(frame)
        packets += video.encode(None)
        for number, part in enumerate(opened):
            for packet in part.demux(part.streams.audio[0]):
                if packet.size:
                    base = packet.time_base
                    later = number * (HALF + (0.05 if kind == "avi" else 0))  # counts packets
                    packet.pts = packet.dts = packet.pts + round(later / base)
                    packet.stream = heard
                    packets.append(packet)
        packets.sort(key=lambda packet: packet.dts * packet.time_base)
        film.mux([p for p in packets if p.stream is not heard or p.dts * p.time_base < 2.02])
        for part in opened:
            part.close()
    return path


MONO, STEREO, AROUND = "mono", "stereo", "5.1(side)"
KINDS = {
    "ac3 5.1 to stereo, mkv": ("a.mkv", None, [("ac3", AROUND, 48_000), ("ac3", STEREO, 48_000)]),
    "ac3 mono to stereo, ts": ("a.ts", "mpegts", [("ac3", MONO, 48_000), ("ac3", STEREO, 48_000)]),
    "eac3 rate, ts": ("a.ts", "mpegts", [("eac3", STEREO, 48_000), ("eac3", STEREO, 44_100)]),
    "mp2 channels, mpg": ("a.mpg", "mpeg", [("mp2", STEREO, 48_000), ("mp2", MONO, 48_000)]),
    "mp3 channels, mkv": (
        "a.mkv", None, [("libmp3lame", STEREO, 48_000), ("libmp3lame", MONO, 48_000)],
    ),
    "mp3 rate, mkv": (
        "a.mkv", None, [("libmp3lame", STEREO, 48_000), ("libmp3lame", STEREO, 44_100)],
    ),
    "ac3 in mov": ("a.mov", None, [("ac3", STEREO, 48_000), ("ac3", AROUND, 48_000)]),
    "ac3 in mp4": ("a.mp4", None, [("ac3", AROUND, 48_000), ("ac3", STEREO, 48_000)]),
    "ac3 in avi": ("a.avi", "avi", [("ac3", AROUND, 48_000), ("ac3", STEREO, 48_000)]),
    "mp3 channels, avi": (
        "a.avi", "avi", [("libmp3lame", STEREO, 48_000), ("libmp3lame", MONO, 48_000)],
    ),
    "mp2 channels, avi": ("a.avi", "avi", [("mp2", STEREO, 48_000), ("mp2", MONO, 48_000)]),
    "ac3 in wmv": ("a.wmv", "asf", [("ac3", AROUND, 48_000), ("ac3", STEREO, 48_000)]),
    "ac3 in nut": ("a.nut", "nut", [("ac3", MONO, 48_000), ("ac3", STEREO, 48_000)]),
    "aac channels, ts": ("a.ts", "mpegts", [("aac", MONO, 48_000), ("aac", STEREO, 48_000)]),
    "aac rate, ts": ("a.ts", "mpegts", [("aac", STEREO, 48_000), ("aac", STEREO, 44_100)]),
    "aac 5.1, ts": ("a.ts", "mpegts", [("aac", "5.1", 48_000), ("aac", STEREO, 48_000)]),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["out.mp4", "out.webm", "out.mov", "out.mkv"])
def test_sound_goes_on_in_time_when_it_changes(tmp_path: Path, kind: str, name: str) -> None:
    source, container, sounds = KINDS[kind]
    film = make_changing(tmp_path / source, container, sounds)
    notes = convert(film, tmp_path / name).notes
    clicks = heard_at(tmp_path / name)
    exact = 2e-3 if name.endswith("webm") else 1e-3
    if source.endswith("mpg"):  # where not every frame of sound tells its time
        exact = 0.01
    assert clicks == pytest.approx(heard_at(film), abs=exact), notes


def test_aac_that_changes_is_told(tmp_path: Path) -> None:
    film = make_changing(tmp_path / "a.ts", "mpegts", KINDS["aac rate, ts"][2])
    [note] = convert(film, tmp_path / "o.mp4").notes
    assert note == "sound became aac, since it changes its channels or rate on the way"
    same = make_changing(tmp_path / "b.ts", "mpegts", [("aac", STEREO, 48_000)] * 2)
    for path, changing in ((film, True), (same, False)):
        with av.open(str(path)) as opened:
            assert changes(path, opened, opened.streams.audio[0]) == changing
    assert convert(same, tmp_path / "o.mp4").notes == []


@pytest.mark.parametrize(
    ("codec", "name"), [("pcm_s24be", "a.mov"), ("pcm_f32le", "a.mov"), ("alac", "a.mov"),
                        ("aac", "a.mp4"), ("adpcm_ima_qt", "a.mov"), ("flac", "a.mkv")],
)  # fmt: skip
def test_a_decoder_knows_how_many_channels_but_not_where_they_stand(
    tmp_path: Path, codec: str, name: str
) -> None:
    kind = "matroska" if name.endswith("mkv") else "mov"
    path = sound_of(codec, "stereo", 48_000, tmp_path / name, kind)
    with av.open(str(path)) as film:
        heard = film.streams.audio[0]
        decoder = plain_decoder(heard)
        assert (decoder.channels, decoder.sample_rate) == (2, 48_000)
        samples = sum(f.samples for p in film.demux(heard) for f in decoder.decode(p))
        assert samples == pytest.approx(48_000, abs=2100)


class Places:
    """A stream whose decoder may not be asked for its channels: some are freed twice by it."""

    def __init__(self, heard: av.AudioStream) -> None:
        self.real = heard

    def __getattr__(self, name: str) -> object:
        if name in ("layout", "channels", "codec_context"):
            raise AssertionError(f"{name} was asked for")
        return getattr(self.real, name)


def test_the_source_s_own_decoder_is_not_asked_for_channels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = sound_of("pcm_s24be", "5.1", 48_000, tmp_path / "a.mov", "mov")
    add = av.container.OutputContainer.add_stream_from_template
    assert callable(add)
    with av.open(str(path)) as film:
        asked = []

        class Watched(Places):
            def __getattr__(self, name: str) -> object:
                asked.append(name)
                return super().__getattr__(name)

        class Container:
            """A container in memory that takes what is watched."""

            def __init__(self, real: av.container.OutputContainer) -> None:
                self.real = real

            def __enter__(self) -> "Container":
                return self

            def __exit__(self, *error: object) -> None:
                self.real.close()

            def add_stream_from_template(self, heard: Places) -> av.AudioStream:
                return self.real.add_stream_from_template(heard.real)

            def mux(self, packet: av.Packet) -> None:
                self.real.mux(packet)

        opened = av.open
        monkeypatch.setattr(
            av,
            "open",
            lambda file, *rest, **named: (
                Container(opened(file, *rest, **named)) if rest else opened(file, **named)
            ),
        )
        decoder = plain_decoder(Watched(film.streams.audio[0]))
        assert decoder.channels == 6 and set(asked) <= {"time_base"}

"""Colours that no ICC profile tells: a viewer shows the result as it shows the source."""

import io
import struct

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms
from profiles import P3, make_grey_profile, make_profile

from figureground.media.cicp import PRIMARIES
from figureground.media.encode import encode_image
from figureground.media.formats import Encoding
from figureground.media.hdr import to_hdr, to_sdr
from figureground.media.icc import to_xyz
from figureground.media.images import DecodedImage, read_image
from figureground.media.png import chunk
from figureground.media.scheduling import usual_scheduling

RED = (200, 100, 100)
BLOCK = np.full((16, 24, 3), RED, np.uint8)
P3_CHRM = (31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)
ADOBE_CHRM = (31270, 32900, 64000, 33000, 21000, 71000, 15000, 6000)
SRGB_CHRM = (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)


def png(*chunks: tuple[bytes, bytes], pixels: np.ndarray = BLOCK) -> bytes:
    """A PNG file with more chunks after its header."""
    data = encode_image(pixels, ".png")
    return data[:33] + b"".join(chunk(name, body) for name, body in chunks) + data[33:]


def cicp(*numbers: int) -> tuple[bytes, bytes]:
    return b"cICP", bytes(numbers)


def chrm(places: tuple[int, ...]) -> tuple[bytes, bytes]:
    return b"cHRM", struct.pack(">8I", *places)


def gama(value: float) -> tuple[bytes, bytes]:
    return b"gAMA", struct.pack(">I", round(value * 100_000))


def iccp(profile: bytes) -> tuple[bytes, bytes]:
    import zlib

    return b"iCCP", b"x\0\0" + zlib.compress(profile)


def light(levels: np.ndarray, gamma: float | None = None) -> np.ndarray:
    """Linear light of sRGB's curve, or of a power."""
    share = levels / 255
    if gamma is not None:
        return share**gamma
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def seen(levels: np.ndarray, primaries: int, gamma: float | None = None) -> np.ndarray:
    """What levels look like in sRGB, by the standard's own formulas."""
    matrix = np.linalg.solve(to_xyz(PRIMARIES[1]), to_xyz(PRIMARIES[primaries]))
    linear = np.clip(light(levels, gamma) @ matrix.T, 0, 1)
    return 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def shown(data: bytes) -> np.ndarray:
    """A file as a viewer that follows ICC profiles shows it, uint8 (H, W, 3): little-cms."""
    image = Image.open(io.BytesIO(data))
    profile = image.info.get("icc_profile")
    rgb = image.convert("RGB")
    if profile:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        ImageCms.profileToProfile(rgb, own, ImageCms.createProfile("sRGB"), inPlace=True)
    return np.asarray(rgb)


@pytest.mark.parametrize(
    ("chunks", "primaries", "gamma"),
    [
        ([cicp(12, 13, 0, 1)], 12, None),
        ([cicp(9, 14, 0, 1)], 9, None),  # video's curve, which is shown as sRGB's
        ([cicp(12, 8, 0, 1)], 12, 1.0),
        ([cicp(1, 4, 0, 1)], 1, 2.2),
        ([cicp(11, 13, 0, 1)], 11, None),
        ([chrm(P3_CHRM)], 12, None),
        ([gama(0.45455), chrm(P3_CHRM)], 12, 2.2),
        ([gama(1.0)], 1, 1.0),
        ([gama(1.0), chrm(SRGB_CHRM)], 1, 1.0),
        ([gama(1 / 1.8)], 1, 1.8),
    ],
)
def test_png_colours_are_followed_and_written_on(chunks, primaries: int, gamma) -> None:
    image = read_image(png(*chunks))
    expected = seen(np.array(RED), primaries, gamma)
    np.testing.assert_allclose(image.rgb[8, 8], expected, atol=1.5)
    np.testing.assert_array_equal(image.pixels, BLOCK)
    for ending in (".png", ".tif", ".jpg", ".webp", ".avif"):
        written = encode_image(image.pixels, ending, like=image)
        np.testing.assert_allclose(shown(written)[8, 8], expected, atol=4)
        np.testing.assert_allclose(read_image(written).rgb[8, 8], expected, atol=4)


@pytest.mark.parametrize(
    "chunks",
    [
        [(b"sRGB", b"\0"), gama(1.0), chrm(P3_CHRM)],
        [gama(0.45455), chrm(SRGB_CHRM)],  # what writers of sRGB add for old readers
        [gama(0.45455)],
        [cicp(1, 13, 0, 1), iccp(make_profile(P3))],
        [cicp(2, 2, 0, 1)],
        [cicp(12, 13, 1, 1)],  # a matrix makes no sense for RGB: as if it were not there
        [cicp(12, 13, 0, 7)],
        [cicp(0, 0, 0, 1)],
        [gama(0)],
        [chrm((0,) * 8)],
        [chrm((31270, 32900, 60000, 30000, 60000, 30000, 60000, 30000))],  # all one colour
    ],
)
def test_what_says_srgb_or_nonsense_changes_nothing(chunks) -> None:
    image = read_image(png(*chunks))
    assert image.profile is None and image.rgb is image.pixels and not image.notes


def test_the_standard_says_which_chunk_counts() -> None:
    wide, linear = make_profile(P3), gama(1.0)
    assert read_image(png(iccp(wide), linear, chrm(ADOBE_CHRM))).profile == wide
    assert read_image(png(iccp(wide), (b"sRGB", b"\0"))).profile == wide
    both = read_image(png(cicp(9, 13, 0, 1), iccp(wide), linear))
    np.testing.assert_allclose(both.rgb[0, 0], seen(np.array(RED), 9), atol=1.5)
    unusable = read_image(png(iccp(b"\0" * 16 + b"CMYKnothing"), linear))
    np.testing.assert_allclose(unusable.rgb[0, 0], seen(np.array(RED), 1, 1.0), atol=1.5)


def test_chunks_behind_the_pixels_do_not_count() -> None:
    data = encode_image(BLOCK, ".png")
    assert read_image(data[:-12] + chunk(*cicp(12, 13, 0, 1)) + data[-12:]).profile is None


def test_own_primaries_are_followed() -> None:
    image = read_image(png(gama(1 / 2.2), chrm(ADOBE_CHRM)))
    np.testing.assert_allclose(shown(encode_image(BLOCK, ".png", like=image))[0, 0],
                               image.rgb[0, 0], atol=1)  # fmt: skip
    assert image.rgb[0, 0, 0] > RED[0] + 5


@pytest.mark.parametrize("channels", [1, 2])
def test_grey_with_a_gamma_is_read_by_it(channels: int) -> None:
    image = read_image(png(gama(1.0), pixels=np.full((4, 4, channels), 55, np.uint8)))
    np.testing.assert_allclose(image.rgb[0, 0], 128, atol=2)  # 55 / 255 of the light


def test_a_palette_with_cicp_is_read_by_it() -> None:
    stream = io.BytesIO()
    Image.new("P", (4, 4), 1).save(stream, "PNG")
    opened = Image.new("P", (4, 4), 1)
    opened.putpalette([0, 0, 0, *RED])
    stream = io.BytesIO()
    opened.save(stream, "PNG")
    data = stream.getvalue()
    image = read_image(data[:33] + chunk(*cicp(12, 13, 0, 1)) + data[33:])
    np.testing.assert_allclose(image.rgb[0, 0], seen(np.array(RED), 12), atol=1.5)


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_narrow_range_is_stretched(depth: type) -> None:
    unit = 1 << (8 * np.dtype(depth).itemsize - 8)
    levels = np.array([[[16, 235, 125.5], [4, 250, 16]]]) * unit
    image = read_image(png(cicp(1, 13, 0, 0), pixels=levels.astype(depth)))
    assert image.pixels.dtype == depth
    np.testing.assert_allclose(image.rgb[0], [[0, 255, 127], [0, 255, 0]], atol=1)


@pytest.mark.parametrize(("transfer", "name"), [(16, "PQ"), (18, "HLG")])
@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_high_dynamic_range_is_tone_mapped_as_in_videos_and_told(
    transfer: int, name: str, depth: type
) -> None:
    scene = np.random.default_rng(3).integers(0, 256, (9, 7, 3)).astype(np.uint8)
    signal = to_hdr(scene, transfer)
    stored = signal if depth == np.uint16 else (signal >> 8).astype(np.uint8)
    image = read_image(png(cicp(9, transfer, 0, 1), pixels=stored))
    assert image.notes == (f"its high dynamic range ({name}) is brought to that of sRGB",)
    assert image.profile is None and image.pixels.dtype == depth
    wide = stored if depth == np.uint16 else stored.astype(np.uint16) * np.uint16(257)
    np.testing.assert_allclose(image.rgb, to_sdr(wide, transfer), atol=1)


def test_high_dynamic_range_in_display_p3_is_not_taken_for_bt_2020() -> None:
    signal = to_hdr(np.full((2, 2, 3), RED, np.uint8), 16)
    broad = read_image(png(cicp(9, 16, 0, 1), pixels=signal)).rgb[0, 0].astype(int)
    narrow = read_image(png(cicp(12, 16, 0, 1), pixels=signal)).rgb[0, 0].astype(int)
    assert narrow[0] < broad[0] - 5  # the same share of a nearer red


def test_grey_profiles_still_bring_grey_to_srgb() -> None:
    grey = png(iccp(make_grey_profile(1.0)), pixels=np.full((4, 4, 1), 55, np.uint8))
    np.testing.assert_allclose(read_image(grey).rgb, 128, atol=2)


def test_a_format_without_profiles_gets_colours_of_srgb() -> None:
    image = read_image(png(cicp(12, 13, 0, 1)))
    written = encode_image(image.pixels, ".gif", like=image)
    np.testing.assert_allclose(read_image(written).rgb[8, 8], image.rgb[8, 8], atol=2)


def avif(pixels: np.ndarray, *numbers: int) -> bytes:
    """An AVIF file whose colours are said to be of other code points."""
    data = encode_image(pixels, ".avif", encoding=Encoding(quality=95))
    told = b"nclx" + struct.pack(">HH", 1, 13)
    assert data.count(told) == 1
    return data.replace(told, b"nclx" + struct.pack(">HH", *numbers))


@pytest.mark.parametrize("primaries", [9, 11, 12, 22])
def test_avif_colours_are_followed_and_written_on(primaries: int) -> None:
    image = read_image(avif(BLOCK, primaries, 13))
    expected = seen(np.array(RED), primaries)
    np.testing.assert_allclose(image.rgb[8, 8], expected, atol=3)
    np.testing.assert_allclose(shown(encode_image(image.pixels, ".png", like=image))[8, 8],
                               expected, atol=3)  # fmt: skip


@pytest.mark.parametrize("numbers", [(1, 13), (1, 1), (2, 2), (2, 13)])
def test_avif_of_srgb_and_of_nothing_said_stays_as_it_is(numbers: tuple[int, int]) -> None:
    assert read_image(avif(BLOCK, *numbers)).profile is None


def test_avif_of_high_dynamic_range_is_tone_mapped_and_told() -> None:
    image = read_image(avif(BLOCK, 9, 18))
    assert image.notes and "HLG" in image.notes[0]
    flat = BLOCK.astype(np.uint16) * np.uint16(257)
    np.testing.assert_allclose(image.rgb[8, 8], to_sdr(flat, 18)[8, 8], atol=6)


def test_an_icc_profile_counts_before_nclx() -> None:
    wide = make_profile(P3)
    like = DecodedImage(pixels=BLOCK, rgb=BLOCK, profile=wide)
    data = encode_image(BLOCK, ".avif", like=like)
    told = b"nclx" + struct.pack(">HH", 1, 13)
    assert read_image(data.replace(told, b"nclx" + struct.pack(">HH", 9, 16))).profile == wide


def deep_avif(rgb: np.ndarray, *, bits: int, primaries: int = 12, transfer: int = 13) -> bytes:
    """An AVIF file of more bits, through FFmpeg."""
    av = pytest.importorskip("av")
    stream, layout = io.BytesIO(), f"yuv420p{bits}le"
    with usual_scheduling(), av.open(stream, "w", format="avif") as container:
        video = container.add_stream("libsvtav1", rate=1, options={"preset": "8", "crf": "1"})
        context = video.codec_context
        context.height, context.width, context.pix_fmt = rgb.shape[0], rgb.shape[1], layout
        context.color_primaries, context.color_trc = primaries, transfer
        context.colorspace, context.color_range = 1, 2
        frame = av.VideoFrame.from_ndarray(rgb, format="rgb48le").reformat(
            format=layout, dst_colorspace=1, src_color_range=2, dst_color_range=2
        )
        frame.colorspace, frame.color_range = 1, 2
        for packet in [*video.encode(frame), *video.encode(None)]:
            container.mux(packet)
    return stream.getvalue()


def ramp(rows: int = 64, columns: int = 512) -> np.ndarray:
    """A grey ramp of more levels than 8 bits hold, uint16."""
    level = np.linspace(10_000, 30_000, columns).astype(np.uint16)
    return np.repeat(np.repeat(level[None, :, None], rows, 0), 3, 2)


def test_avif_of_10_bits_keeps_its_depth(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SVT_LOG", "1")
    data = deep_avif(ramp(), bits=10)
    image = read_image(data)
    assert image.pixels.dtype == np.uint16
    np.testing.assert_allclose(image.pixels[30].mean(1), ramp()[30, :, 0], atol=400)
    assert len(np.unique(image.pixels[..., 1])) > 200  # 8 bits have 79 in this range
    again = read_image(encode_image(image.pixels, ".png", like=image))
    np.testing.assert_array_equal(again.pixels, image.pixels)
    assert encode_image(image.pixels, ".jpg", like=image)[:2] == b"\xff\xd8"


def test_avif_of_10_bits_in_pq_is_tone_mapped_at_its_depth(monkeypatch) -> None:
    monkeypatch.setenv("SVT_LOG", "1")
    signal = to_hdr(np.full((64, 64, 3), RED, np.uint8), 16)
    image = read_image(deep_avif(signal, bits=10, primaries=9, transfer=16))
    assert image.pixels.dtype == np.uint16 and "PQ" in image.notes[0]
    np.testing.assert_allclose(image.rgb[30, 30], RED, atol=4)


def heic(mode: str, pixels: np.ndarray, **options: object) -> bytes:
    heif = pytest.importorskip("pillow_heif")
    stream = io.BytesIO()
    size = (pixels.shape[1], pixels.shape[0])
    heif.from_bytes(mode, size, pixels.tobytes()).save(stream, quality=98, **options)
    return stream.getvalue()


def test_heic_of_10_bits_keeps_its_depth() -> None:
    image = read_image(heic("RGB;16", ramp()))
    assert image.pixels.dtype == np.uint16
    np.testing.assert_allclose(image.pixels[30].mean(1), ramp()[30, :, 0], atol=400)
    assert len(np.unique(image.pixels[..., 1])) > 200


def test_heic_of_10_bits_with_transparency_keeps_both() -> None:
    clear = np.dstack([ramp(), np.full(ramp().shape[:2], 32_768, np.uint16)])
    image = read_image(heic("RGBA;16", clear))
    assert image.pixels.dtype == np.uint16 and image.alpha is not None
    np.testing.assert_allclose(image.alpha, 0.5, atol=0.01)


@pytest.mark.parametrize(("primaries", "transfer"), [(12, 13), (9, 16)])
def test_heic_colours_are_followed(primaries: int, transfer: int) -> None:
    data = heic("RGB", BLOCK)
    told = b"nclx" + struct.pack(">HH", 1, 13)
    assert data.count(told) == 1
    image = read_image(data.replace(told, b"nclx" + struct.pack(">HH", primaries, transfer)))
    if transfer == 16:
        assert "PQ" in image.notes[0]
    else:
        np.testing.assert_allclose(image.rgb[8, 8], seen(np.array(RED), primaries), atol=3)


@pytest.mark.parametrize("ending", [".heic", ".avif"])
def test_exif_alone_does_not_turn_what_has_boxes_for_that(ending: str) -> None:
    exif = Image.Exif()
    exif[0x0113] = 6  # a tag beside that of the orientation, which writers would make a box of
    data = (
        heic("RGB", BLOCK, exif=exif.tobytes())
        if ending == ".heic"
        else encode_image(
            BLOCK, ending, like=DecodedImage(pixels=BLOCK, rgb=BLOCK, exif=exif.tobytes())
        )
    )
    turned = next(
        data.replace(entry, entry.replace(b"\x13", b"\x12"))
        for entry in (b"\x01\x13\0\x03\0\0\0\x01\0\x06", b"\x13\x01\x03\0\x01\0\0\0\x06\0")
        if entry in data
    )
    assert b"irot" not in turned
    assert read_image(turned).rgb.shape == (16, 24, 3)


@pytest.mark.parametrize("ending", [".heic", ".avif"])
def test_a_box_that_turns_is_followed_whatever_exif_says(ending: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    stream = io.BytesIO()
    if ending == ".avif":  # Pillow makes the box of EXIF's orientation
        Image.fromarray(BLOCK).save(stream, "AVIF", exif=exif)
    else:
        heif = pytest.importorskip("pillow_heif")
        image = heif.from_pillow(Image.fromarray(BLOCK))
        image.save(stream, exif=exif.tobytes())
    assert b"irot" in stream.getvalue()
    assert read_image(stream.getvalue()).rgb.shape == (24, 16, 3)


@pytest.mark.parametrize(("primaries", "name"), [(9, "bt2020"), (12, "smpte432"), (22, "ebu3213")])
def test_ffmpeg_sees_the_same_colours(primaries: int, name: str) -> None:
    av = pytest.importorskip("av")
    random = np.random.default_rng(1)
    colors = random.integers(70, 190, (4, 4, 3)).astype(np.uint8)
    blocks = np.kron(colors, np.ones((16, 16, 1), np.uint8)).astype(np.uint8)
    exact = {"src_color_range": 2, "dst_color_range": 2, "interpolation": 0x4 | 0x2000 | 0x40000}
    frame = av.VideoFrame.from_ndarray(blocks, format="rgb24").reformat(
        format="yuv444p12le", dst_colorspace=1, **exact
    )
    frame.colorspace, frame.color_range = 1, 2
    graph = av.filter.Graph()
    source = graph.add_buffer(width=64, height=64, format="yuv444p12le", time_base="1/25")
    said = f"iprimaries={name}:itrc=iec61966-2-1:ispace=bt709:irange=pc"
    change = graph.add(
        "colorspace", f"{said}:primaries=bt709:trc=iec61966-2-1:space=bt709:range=pc"
    )
    sink = graph.add("buffersink")
    source.link_to(change)
    change.link_to(sink)
    graph.configure()
    graph.push(frame)
    seen_by_it = graph.pull().reformat(format="rgb24", src_colorspace=1, **exact).to_ndarray()
    ours = read_image(png(cicp(primaries, 13, 0, 1), pixels=blocks)).rgb
    np.testing.assert_allclose(ours, seen_by_it, atol=2)
    assert np.abs(ours.astype(int) - blocks).max() > 3  # or the test could not fail


def test_avif_of_10_bits_is_read_with_8_where_opencv_reads_none(monkeypatch) -> None:
    monkeypatch.setenv("SVT_LOG", "1")
    data = deep_avif(ramp(), bits=10)
    monkeypatch.setattr(cv2, "imdecode", lambda *given: None)
    image = read_image(data)
    assert image.pixels.dtype == np.uint8 and image.profile is not None
    np.testing.assert_allclose(image.pixels[30, :, 1], ramp()[30, :, 1] / 257, atol=3)


def test_white_of_10_bits_is_white(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SVT_LOG", "1")
    white = np.full((64, 64, 3), 65535, np.uint16)
    for data in (deep_avif(white, bits=10), heic("RGB;16", white)):
        assert read_image(data).pixels.max() == 65535

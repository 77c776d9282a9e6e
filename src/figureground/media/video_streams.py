"""What a video's result takes from its source beside frames: sound, subtitles, covers, fonts."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import TypeAlias, cast

import av
from av.subtitles.stream import SubtitleStream

from figureground.media.video_clock import Packet, shift_packet
from figureground.media.video_formats import HOLDS_ATTACHMENTS, HOLDS_COVERS
from figureground.media.video_open import COVER, open_container
from figureground.media.video_reader import VideoReader
from figureground.media.video_sound import Recoder, add_sound, can_copy, changes, codec_of
from figureground.media.video_tags import stream_tags

AnyStream: TypeAlias = av.VideoStream | av.AudioStream | SubtitleStream
# By codec: how a cover that has no name is called, and its kind.
COVERS = {
    "bmp": ("cover.bmp", "image/bmp"),
    "gif": ("cover.gif", "image/gif"),
    "mjpeg": ("cover.jpg", "image/jpeg"),
    "png": ("cover.png", "image/png"),
    "webp": ("cover.webp", "image/webp"),
}
MP4_COVERS = {"bmp", "mjpeg", "png"}


class CarriedStreams:
    """The source's streams in its result, each as it is or, of sound, in a codec it can hold.

    `notes` tells what the container could not hold.
    """

    def __init__(
        self,
        container: av.container.OutputContainer,
        like: VideoReader,
        path: Path,
        *,
        metadata: bool,
        covers: bool,
    ) -> None:
        """Give the result its streams; nothing is written yet.

        Args:
            container: of the result.
            like: the source.
            path: the result's; its ending names the container.
            metadata: False leaves out tags, covers and attachments.
            covers: whether there is a place for covers.
        """
        self.notes: list[str] = []
        self._container, self._like, self._path = container, like, path
        self._suffix, self._metadata, self._covers = path.suffix.lower(), metadata, covers
        self._copied: dict[int, AnyStream] = {}
        self._recoded: dict[int, Recoder] = {}
        self._first: list[Packet] = []  # which go before all others
        for stream in like.others:
            self._carry(stream)

    def write(self, packet: Packet) -> list[Packet]:
        """Packets of the result that a packet of the source becomes by now."""
        index, shift = packet.stream.index, self._like.shift
        ready, self._first = self._first, []
        if index in self._copied and packet.size:  # empty, it ends a decoder, and there is none
            shift_packet(packet, shift)
            packet.stream = self._copied[index]
            ready.append(packet)
        elif index in self._recoded:
            ready += self._recoded[index].encode(packet, shift)
        return ready

    def flush(self) -> list[Packet]:
        """Packets of the rest."""
        rest, self._first = self._first, []
        return rest + [packet for sound in self._recoded.values() for packet in sound.flush()]

    def _carry(self, stream: av.stream.Stream) -> None:
        if stream.type == "attachment":
            self._attach(cast(av.stream.AttachmentStream, stream))
        elif stream.disposition & COVER:
            self._carry_cover(cast(av.VideoStream, stream))
        elif stream.type == "data" or self._is_chapters(stream):
            self._tell_of_data(stream)
        elif stream.type == "video":
            self._leave_out(f"video ({codec_of(stream)})", "since one video of a file is worked on")
        else:
            self._carry_sound(stream)

    def _carry_sound(self, stream: av.stream.Stream) -> None:
        """Take sound or subtitles along."""
        able, steady = can_copy(stream, self._path), True
        if able:
            steady = not changes(self._like.path, self._like.container, stream)
        codec = codec_of(stream)
        if able and steady:
            copy = self._container.add_stream_from_template(stream)
            copy.metadata.update(stream_tags(stream.metadata, recoded=False, kept=self._metadata))
            copy.disposition = stream.disposition  # what is on from the start, or always
            self._copied[stream.index] = cast(AnyStream, copy)
        elif stream.type == "audio" and stream.codec_context:
            heard = cast(av.AudioStream, stream)
            recoder = add_sound(self._container, heard, self._path)
            self._recoded[stream.index] = recoder
            recoder.sound.metadata.update(
                stream_tags(heard.metadata, recoded=True, kept=self._metadata)
            )
            recoder.sound.disposition = heard.disposition
            name = recoder.sound.codec_context.name.removeprefix("lib")
            why = (
                f"{self._suffix} cannot hold {codec}"
                if steady
                else "it changes its channels or rate on the way"
            )
            self.notes.append(f"sound became {name}, since {why}")
        else:
            self._leave_out(f"{stream.type} ({codec})")

    def _attach(self, stream: av.stream.AttachmentStream) -> None:
        """Take a font or the like along."""
        name = stream.name or "unnamed"
        if self._metadata and self._suffix in HOLDS_ATTACHMENTS:
            kind = stream.mimetype or "application/octet-stream"
            self._container.add_attachment(name, kind, stream.data)
        elif self._metadata:
            self._leave_out(f"attachment ({name})")

    def _carry_cover(self, stream: av.VideoStream) -> None:
        """Take a cover along: an attachment in Matroska, a stream of one frame in MP4."""
        if not self._metadata:
            return
        codec = codec_of(stream)
        usual, kind = COVERS.get(codec, ("", ""))
        name = stream.metadata.get("filename") or usual or codec
        data = self._read_cover(stream) if self._suffix in HOLDS_COVERS and kind else None
        if data and self._suffix in HOLDS_ATTACHMENTS:
            self._container.add_attachment(name, kind, data)
        elif data and self._covers and codec in MP4_COVERS:
            cover = self._container.add_stream_from_template(stream, opaque=True)
            cover.disposition = stream.disposition
            image = av.Packet(data)
            image.pts = image.dts = 0
            image.time_base, image.stream = stream.time_base or Fraction(1, 1000), cover
            self._first.append(image)
        else:
            self._leave_out(f"cover ({name})")

    def _read_cover(self, stream: av.VideoStream) -> bytes | None:
        """Return the file of a cover, which is needed before anything is written."""
        with open_container(self._like.path) as source:
            for packet in source.demux(source.streams[stream.index]):
                if packet.size:
                    return bytes(packet)
        return None

    def _is_chapters(self, stream: av.stream.Stream) -> bool:
        """Return whether a track of QuickTime's holds but the chapters' names."""
        source = self._like.container
        if not source.format.name.startswith("mov") or not source.chapters():
            return False
        context = stream.codec_context
        text = context is None or (stream.type == "subtitle" and context.codec_tag == "text")
        return text and stream.frames == len(source.chapters())

    def _tell_of_data(self, stream: av.stream.Stream) -> None:
        """Say what is left out; chapters and timecodes are written anew from what they mean."""
        names = {name.lower() for name in stream.metadata}
        if self._metadata and not self._is_chapters(stream) and "timecode" not in names:
            known = stream.metadata.get("handler_name") or codec_of(stream)
            self._leave_out(f"data ({known})")

    def _leave_out(self, what: str, why: str = "") -> None:
        self.notes.append(f"left out: {what}, {why or f'which {self._suffix} cannot hold'}")


def has_cover(streams: Iterable[av.stream.Stream], suffix: str) -> bool:
    """Return whether a file of this ending gets a cover from a source's streams."""
    return suffix in HOLDS_COVERS and any(stream.disposition & COVER for stream in streams)

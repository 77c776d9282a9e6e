"""TensorFlow Lite's standard metadata, by which MediaPipe and other programs know a network's ends.

Written table by table with FlatBuffers: of the libraries for it, tflite-support wants an older
protobuf than TensorFlow, and MediaPipe's wheel lacks a part of its own writer.
Source: metadata_schema.fbs and image_segmenter_metadata_schema.fbs of MediaPipe.
"""

from collections.abc import Callable, Sequence
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

from figureground.models.metadata import LABELS

NAME = "TFLITE_METADATA"  # of the buffer in the network that holds them
OLDEST_READER = "1.5.0"  # version of the schema that first had all that is written here
IMAGE_PROPERTIES, NORMALIZATION = 2, 1  # kinds of content, and of what is done to it
RGB, AXIS_LABELS = 1, 2  # kinds of colours, and of files
WHITE = 255.0  # what becomes 1 at the input

Field = Callable[[int], Any]
"""Puts a value into the field of that number in the table that is being written."""


def with_standard_metadata(content: bytes, name: str, size: int) -> bytes:
    """The same network with metadata: what its image and its matte are, and the matte's label.

    Args:
        content: of a `.tflite` file; its weights and steps stay as they are.
        name: of the network.
        size: rows and columns of its input.
    """
    network = schema.ModelT.InitFromPackedBuf(content)
    network.metadata.append(schema.MetadataT(name=NAME, buffer=len(network.buffers)))
    metadata = np.frombuffer(_metadata(name, size), np.uint8)
    network.buffers.append(schema.BufferT(data=metadata))
    builder = flatbuffers.Builder(len(content))
    builder.Finish(network.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _metadata(name: str, size: int) -> bytes:
    """ModelMetadata: name, description, graphs, author, licence, oldest reader."""
    write = _Writer()
    graph = write.table({2: write.tables(_image(write, size)), 3: write.tables(_alpha(write)),
                         9: write.tables(_segmenter(write))})  # fmt: skip
    return write.finished(
        {
            0: write.text(name),
            1: write.text("Takes people out of their background."),
            3: write.tables(graph),
            4: write.text("figureground"),
            5: write.text("Apache-2.0"),
            7: write.text(OLDEST_READER),
        },
        b"M001",
    )


def _image(write: "_Writer", size: int) -> int:
    """TensorMetadata of the input: name, description, content, what is done to it, its range."""
    pixels = write.table({0: write.uint(size), 1: write.uint(size)})  # columns, rows
    properties = write.table({0: write.byte(RGB), 1: write.link(pixels)})
    content = write.table({0: write.byte(IMAGE_PROPERTIES), 1: write.link(properties)})
    levels = write.table({0: write.floats(0.0), 1: write.floats(WHITE)})  # mean, deviation
    unit = write.table({0: write.byte(NORMALIZATION), 1: write.link(levels)})
    return write.table(
        {
            0: write.text("image"),
            1: write.text("An image, RGB in 0 to 1."),
            3: write.link(content),
            4: write.tables(unit),
            5: write.link(_range(write)),
        }
    )


def _alpha(write: "_Writer") -> int:
    """TensorMetadata of the output: name, description, its range, the file of its labels."""
    labels = write.table({0: write.text(LABELS[0]), 2: write.byte(AXIS_LABELS)})
    return write.table(
        {
            0: write.text("alpha"),
            1: write.text("How much of each pixel a person covers, 0 to 1."),
            5: write.link(_range(write)),
            6: write.tables(labels),
        }
    )


def _range(write: "_Writer") -> int:
    return write.table({0: write.floats(1.0), 1: write.floats(0.0)})  # largest, smallest


def _segmenter(write: "_Writer") -> int:
    """CustomMetadata with ImageSegmenterOptions: a matte is no logit, so nothing is applied to it."""
    inner = _Writer()
    options = inner.finished({1: inner.text("1.0.0")}, b"V001")  # oldest reader; activation none
    return write.table({0: write.text("SEGMENTER_METADATA"), 1: write.data(options)})


class _Writer:
    """Writes tables of FlatBuffers whose fields are known by their numbers."""

    def __init__(self) -> None:
        self._builder = flatbuffers.Builder()

    def table(self, fields: dict[int, Field]) -> int:
        """A table of some fields; returns where it lies."""
        self._builder.StartObject(max(fields) + 1)
        for number, put in fields.items():
            put(number)
        place: int = self._builder.EndObject()
        return place

    def finished(self, fields: dict[int, Field], identifier: bytes) -> bytes:
        """All that was written, whose root is a table of these fields."""
        self._builder.Finish(self.table(fields), identifier)
        return bytes(self._builder.Output())

    def byte(self, value: int) -> Field:
        return lambda number: self._builder.PrependUint8Slot(number, value, 0)

    def uint(self, value: int) -> Field:
        return lambda number: self._builder.PrependUint32Slot(number, value, 0)

    def link(self, place: int) -> Field:
        return lambda number: self._builder.PrependUOffsetTRelativeSlot(number, place, 0)

    def text(self, value: str) -> Field:
        return self.link(self._builder.CreateString(value))

    def floats(self, *values: float) -> Field:
        return self._vector(self._builder.PrependFloat32, values, 4)

    def tables(self, *places: int) -> Field:
        return self._vector(self._builder.PrependUOffsetTRelative, places, 4)

    def data(self, values: bytes) -> Field:
        return self._vector(self._builder.PrependUint8, values, 1, alignment=16)

    def _vector(
        self, prepend: Callable[[Any], None], values: Sequence[Any], size: int, alignment: int = 4
    ) -> Field:
        self._builder.StartVector(size, len(values), alignment)
        for value in reversed(values):
            prepend(value)
        return self.link(self._builder.EndVector())

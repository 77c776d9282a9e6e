"""What ties a LiteRT network to the size of its input, found by the schema of such files.

Convolutions take any size, and `resize_tensor_input` gives it; the sizes that upsamplings lead to
are constants. Networks that compute them as they run are none for graphics cards: LiteRT.js on
WebGPU refuses them.
"""

import struct

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray

from figureground.arrays import Size

DAMAGED = (struct.error, LookupError, ValueError, TypeError, AttributeError, OverflowError)


class Upsamplings:
    """The sizes that a network's bilinear upsamplings lead to."""

    def __init__(self, content: bytes) -> None:
        """Read the content of a `.tflite` file. Raises one of DAMAGED where it is none."""
        self._content = bytearray(content)
        self._network = schema.Model.GetRootAs(self._content, 0)
        self._graph = self._network.Subgraphs(0)
        steps = (self._graph.Operators(n) for n in range(self._graph.OperatorsLength()))
        self._sizes = [size for step in steps if (size := self._size_of(step)) is not None]
        _, rows, columns, _ = self._graph.Tensors(self._graph.Inputs(0)).ShapeAsNumpy()
        self._size = int(rows), int(columns)

    def _size_of(self, step: schema.Operator) -> NDArray[np.int32] | None:
        """Rows and columns of a step's result, int32 (2,), to be changed; None of another step."""
        code = self._network.OperatorCodes(step.OpcodeIndex()).BuiltinCode()
        if code != schema.BuiltinOperator.RESIZE_BILINEAR:
            return None
        wanted = self._graph.Tensors(step.Inputs(1))
        size: NDArray[np.int32] = self._network.Buffers(wanted.Buffer()).DataAsNumpy().view("<i4")
        return size

    def fitting(self, size: Size) -> Size:
        """The size of input nearest to `size` that the network can take; its own if it takes one."""
        if not self._sizes:
            return self._size
        # Upsamplings double, so the coarsest features are half the size that the first leads to.
        stride = 2 * max(self._size[0] // int(rows) for rows, _ in self._sizes)
        rows, columns = (max(1, round(side / stride)) * stride for side in size)
        return rows, columns

    def content_for(self, size: Size) -> bytes:
        """The content of the file for inputs of another size, one that `fitting` gave."""
        for target in self._sizes:
            target[:] = target * size // np.array(self._size)
        self._size = size
        return bytes(self._content)

"""Read tensors from a legacy PyTorch file without PyTorch.

Format: `torch.serialization._legacy_save`: five pickles (magic number, protocol, system, object,
storage keys), then for each storage its length as int64 and its raw values.
"""

import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from figureground.errors import ModelError

MAGIC = 0x1950A86A20F9469CFC6C
PROTOCOL = 1001
STORAGES = {"FloatStorage": np.float32, "LongStorage": np.int64, "HalfStorage": np.float16}


class _Storage:
    """A run of values that tensors are views of; its values follow after the last pickle."""

    def __init__(self, key: str, dtype: type[np.generic], length: int) -> None:
        self.key = key
        self.values = np.zeros(length, dtype)


def _rebuild_tensor(storage: _Storage, offset: int, shape: tuple[int, ...], *rest: Any) -> Any:
    """A view of a storage, as `torch._utils._rebuild_tensor_v2` makes it; `rest[0]` are strides."""
    strides = tuple(step * storage.values.itemsize for step in rest[0])
    extent = 1 + sum((n - 1) * step for n, step in zip(shape, rest[0], strict=True))
    if min((*shape, *rest[0], offset + 1), default=1) < 0 or offset + extent > storage.values.size:
        raise pickle.UnpicklingError("a tensor reaches beyond its storage")
    return np.lib.stride_tricks.as_strided(storage.values[offset:], shape, strides, writeable=False)


class _TensorUnpickler(pickle.Unpickler):
    """Admits ordered dictionaries of tensors and nothing else: no other name is ever looked up."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file)
        self.storages: dict[str, _Storage] = {}

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _rebuild_tensor
        if module == "torch" and name in STORAGES:
            return STORAGES[name]
        raise pickle.UnpicklingError(f"{module}.{name} is not a tensor")

    def persistent_load(self, pid: Any) -> _Storage:
        kind, dtype, key, _device, length, *_view = pid
        if kind != "storage" or dtype not in STORAGES.values():
            raise pickle.UnpicklingError(f"{kind} is not a storage of tensors")
        return self.storages.setdefault(key, _Storage(key, dtype, length))


def read_tensors(path: Path) -> dict[str, np.ndarray]:
    """Tensors by name from a legacy `.pth` file.

    Nothing in the file is executed: a pickle that asks for anything but tensors is refused.

    Args:
        path: what `torch.save(model.state_dict())` wrote before PyTorch 1.6.
    Returns: arrays by name, each of the shape and type it was saved with.
    Raises:
        ModelError: the file is missing, cut short, of another format, or holds more than tensors.
    """
    try:
        with path.open("rb") as file:
            header = [_TensorUnpickler(file).load() for _ in range(3)]
            if header[:2] != [MAGIC, PROTOCOL] or not header[2].get("little_endian"):
                raise pickle.UnpicklingError("it does not begin as such a file does")
            unpickler = _TensorUnpickler(file)
            tensors = unpickler.load()
            keys = _TensorUnpickler(file).load()
            for key in keys:
                _read_storage(file, unpickler.storages[key])
    except (
        OSError,
        pickle.UnpicklingError,
        EOFError,
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
    ) as error:
        raise ModelError(
            f"{str(path)!r} is not a legacy PyTorch file of tensors: {error}"
        ) from error
    return dict(tensors)


def _read_storage(file: BinaryIO, storage: _Storage) -> None:
    length = int.from_bytes(file.read(8), "little")
    data = file.read(length * storage.values.itemsize)
    if length != storage.values.size or len(data) != storage.values.nbytes:
        raise EOFError("it is cut short")
    storage.values[:] = np.frombuffer(data, storage.values.dtype)

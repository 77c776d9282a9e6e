"""Many texts in little memory: 8 bytes each."""

from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]


def text_hash(*parts: object) -> int:
    """64 bits that tell texts and numbers apart."""
    text = "\0".join(map(str, parts)).encode("utf-8", "surrogateescape")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "little")


class HashColumn:
    """Hashes that are added one by one, kept in arrays."""

    def __init__(self) -> None:
        self._arrays: list[Hashes] = []
        self._new: list[int] = []

    def append(self, value: int) -> None:
        """Add one."""
        self._new.append(value)
        if len(self._new) == 1 << 16:
            self._arrays.append(np.array(self._new, np.uint64))
            self._new = []

    def all(self) -> Hashes:
        """All of them, in order."""
        return np.concatenate([*self._arrays, np.array(self._new, np.uint64)])


class LastValues:
    """The last value of each key."""

    def __init__(self, keys: Hashes, values: Hashes) -> None:
        order = np.argsort(keys, kind="stable")
        keys, values = keys[order], values[order]
        last = np.ones(len(keys), bool)
        last[:-1] = keys[1:] != keys[:-1]
        self._keys, self.values = keys[last], values[last]

    def __len__(self) -> int:
        return len(self._keys)

    def get(self, key: int) -> int | None:
        """The value of a key; None where there is none."""
        wanted = np.uint64(key)
        at = int(np.searchsorted(self._keys, wanted))
        found = at < len(self._keys) and self._keys[at] == wanted
        return int(self.values[at]) if found else None

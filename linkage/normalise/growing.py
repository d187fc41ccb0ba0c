"""Arrays that grow at the end."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int32]


class Growing:
    """Hold rows of numbers that grow at the end; `view` shows those filled so far."""

    def __init__(self, *shape: int, dtype: type[np.generic] = np.int32) -> None:
        self._all = np.zeros((1024, *shape), dtype)
        self._used = 0

    def __len__(self) -> int:
        return self._used

    def extend(self, values: npt.ArrayLike) -> None:
        """Append rows; arrays shown before stay as they were."""
        found = np.asarray(values, self._all.dtype).reshape(-1, *self._all.shape[1:])
        end = self._used + len(found)
        if end > len(self._all):
            bigger = np.zeros((max(end, 2 * len(self._all)), *self._all.shape[1:]), self._all.dtype)
            bigger[: self._used] = self._all[: self._used]
            self._all = bigger
        self._all[self._used : end] = found
        self._used = end

    @property
    def view(self) -> Ints:
        return self._all[: self._used]

"""Arrays in IDX files, the format of MNIST."""

import gzip
import math
import os
import struct
import zlib
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from glr.checks import shown
from glr.errors import InputError

IDX_TYPES: dict[int, np.dtype[Any]] = {0x08: np.dtype("u1"), 0x0D: np.dtype(">f4")}
CHUNK = 1 << 20
# No deflate stream holds more than this many bytes for each of its own.
DEFLATE_RATIO = 1032


def uncompressed(file: IO[bytes]) -> IO[bytes] | gzip.GzipFile:
    """Return a stream of the plain content of a seekable `file`; its first two bytes tell whether it is gzipped."""
    compressed = file.read(2) == b"\x1f\x8b"
    file.seek(0)
    return gzip.open(file) if compressed else file


def read_idx(path: str | os.PathLike[str]) -> NDArray[Any]:
    """Read an array from an IDX file, plain or gzipped; its name does not matter.

    Parameters
    ----------
    path : path-like
        A file of uint8 (0x08) or float32 (0x0D) in 1 or 3 dimensions.

    Returns
    -------
    ndarray
        The array, writable and in the machine's byte order.

    Raises
    ------
    InputError
        If `path` is not a path, the file does not exist or is not as above, or its content is shorter or longer than
        its header says. A wrong header cannot make it take more memory than the content needs.

    References
    ----------
    LeCun, Cortes, Burges: The MNIST database of handwritten digits, "File formats".
    """
    if not isinstance(path, str | os.PathLike):
        raise InputError(f"path: found {shown(path)}, but a str or a path is needed.")
    path = Path(path)
    try:
        if not path.is_file():
            raise InputError(f"{path}: found {'a folder' if path.is_dir() else 'no file'}, but needs an IDX file.")
        with path.open("rb") as stored, uncompressed(stored) as file:
            magic = file.read(4)
            if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in IDX_TYPES or magic[3] not in (1, 3):
                raise InputError(
                    f"{path}: starts with '{magic.hex(' ')}', but an IDX file of uint8 (08) or float32 (0d) in 1 or 3 "
                    "dimensions starts with '00 00', its type and its dimensions."
                )
            dtype, header = IDX_TYPES[magic[2]], file.read(4 * magic[3])
            if len(header) < 4 * magic[3]:
                raise InputError(f"{path}: ends within its header of {magic[3]} dimensions.")
            shape = struct.unpack(f">{magic[3]}I", header)
            size = math.prod(shape) * dtype.itemsize
            stored_size = path.stat().st_size
            if not 0 < size <= stored_size * (1 if file is stored else DEFLATE_RATIO):
                raise InputError(
                    f"{path}: its header says {shape}, {size} bytes, which does not fit a file of {stored_size} bytes."
                )
            content = bytearray()
            while chunk := file.read(min(CHUNK, size + 1 - len(content))):
                content += chunk
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(
            f"{path}: cannot be read as an IDX file ({getattr(error, 'strerror', None) or error})."
        ) from error
    if len(content) != size:
        found = "more" if len(content) > size else f"only {len(content)}"
        raise InputError(f"{path}: its header says {shape}, {size} bytes, but {found} follow.")
    return np.frombuffer(content, dtype).reshape(shape).astype(dtype.newbyteorder("="), copy=False)

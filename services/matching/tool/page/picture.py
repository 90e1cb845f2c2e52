"""A small picture as a data URI: PNG (ISO/IEC 15948) with a palette, one byte a pixel."""

import base64
import struct
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

SIGNATURE = b"\x89PNG\r\n\x1a\n"
PALETTE_COLOURS = 3
"""PNG's colour type: a byte of a pixel is a place in the palette."""

Colour = tuple[int, int, int, int]
"""Red, green, blue and how opaque, each 0 to 255."""


def png(pixels: NDArray[np.uint8], palette: Sequence[Colour]) -> bytes:
    """A picture of shape (height, width), whose values are places in the palette; the same to the byte each time."""
    height, width = pixels.shape
    # Each line begins with its filter: none.
    lines = np.hstack([np.zeros((height, 1), np.uint8), pixels])
    header = struct.pack(">IIBBBBB", width, height, 8, PALETTE_COLOURS, 0, 0, 0)
    return b"".join(
        (
            SIGNATURE,
            _chunk(b"IHDR", header),
            _chunk(b"PLTE", bytes(value for colour in palette for value in colour[:3])),
            _chunk(b"tRNS", bytes(colour[3] for colour in palette)),
            _chunk(b"IDAT", zlib.compress(lines.tobytes(), 9)),
            _chunk(b"IEND", b""),
        )
    )


def data_uri(picture: bytes) -> str:
    """A PNG as an address that holds the picture itself."""
    return "data:image/png;base64," + base64.b64encode(picture).decode()


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

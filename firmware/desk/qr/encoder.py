"""From data to modules: mode, version, codewords, patterns and the mask with the lowest penalty (ISO/IEC 18004, 7).

Every module is one byte of the grid, and bit k of it is the module under mask k: all eight candidates are drawn and
judged in one pass, in one buffer. The inner loops are in `kernels_viper` (MicroPython) and `kernels_plain`.
"""

import sys
from array import array
from typing import TYPE_CHECKING

from desk.qr import tables

if TYPE_CHECKING:
    from typing import Any

if sys.implementation.name == "micropython":
    try:
        from desk.qr import kernels_viper as kernels
    except (ImportError, SyntaxError):  # a port without the native emitter
        from desk.qr import kernels_plain as kernels  # type: ignore[no-redef]
else:
    from desk.qr import kernels_plain as kernels  # type: ignore[no-redef]

MAX_VERSION = tables.MAX_VERSION

_FREE = 2  # a module that no pattern has taken; patterns are 0 (light) or 255 (dark under every mask)
_DARK = 255
_LINE_PAD = 56  # light modules around a line while it is judged: four times the unit of the largest finder-like run


class QrError(ValueError):
    """The data cannot be put into a code; the text says why and what to do."""


class Matrix:
    """A finished code: `size` modules a side, rows packed to bytes, leftmost module in the highest bit."""

    __slots__ = ("level", "mask", "rows", "size", "stride", "version")

    def __init__(self, version: int, level: str, mask: int, rows: bytearray) -> None:
        self.version = version
        self.size = version * 4 + 17
        self.level = level
        self.mask = mask
        self.rows = rows
        self.stride = (self.size + 7) // 8

    def get(self, x: int, y: int) -> bool:
        """True where the module is dark; outside the code all is light."""
        if not (0 <= x < self.size and 0 <= y < self.size):
            return False
        return (self.rows[y * self.stride + (x >> 3)] >> (7 - (x & 7))) & 1 == 1


def encode(data: str | bytes, level: str = "M", loops: "Any" = None) -> Matrix:
    """Encode text (as UTF-8) or bytes in the densest single mode at the smallest version that fits.

    Args:
        data: str or bytes.
        level: "L", "M" or "Q"; never raised by itself.
        loops: the module of inner loops, where not the one this interpreter prefers.

    Raises:
        QrError: the level is unknown, or the data does not fit version 20.
    """
    loops = loops or kernels
    if isinstance(data, str):
        data = data.encode()
    if not isinstance(level, str) or len(level) != 1 or level not in tables.LEVELS:
        raise QrError("level %r is not known: use L, M or Q" % (level,))
    row = tables.LEVELS.index(level)
    mode = _densest_mode(data, loops)
    version = _smallest_version(mode, len(data), row)
    words = _codewords(data, mode, version, row, loops)
    grid = _draw_patterns(version, row, loops)
    size = version * 4 + 17
    loops.place(grid, size, words, len(words), tables.MASK_LANES)
    mask = _best_mask(grid, size, loops)
    rows = bytearray(size * ((size + 7) // 8))
    loops.pick(grid, size, mask, rows)
    return Matrix(version, level, mask, rows)


def _densest_mode(data: bytes, loops: "Any") -> int:
    """The mode with the fewest bits that can hold all of the data; 0 for no data."""
    if not data:
        return 0
    if data.isdigit():
        return tables.NUMERIC
    if loops.is_alphanumeric(data, len(data), tables.ALPHANUMERIC_VALUES):
        return tables.ALPHANUMERIC
    return tables.BYTE


def _content_bits(mode: int, length: int) -> int:
    """Bits of the content alone, without mode and count."""
    if mode == tables.NUMERIC:
        return length // 3 * 10 + (0, 4, 7)[length % 3]
    if mode == tables.ALPHANUMERIC:
        return length // 2 * 11 + length % 2 * 6
    return length * 8


def _smallest_version(mode: int, length: int, row: int) -> int:
    """The smallest version whose data codewords hold the segment."""
    content = _content_bits(mode, length)
    for version in range(1, MAX_VERSION + 1):
        width = tables.count_bits(mode, version)
        header = 4 + width if mode else 0
        if length >> width == 0 and header + content <= tables.data_codewords(version, row) * 8:
            return version
    raise QrError(
        "%d bytes do not fit version %d at level %s (%d codewords): shorten the data"
        % (length, MAX_VERSION, tables.LEVELS[row], tables.data_codewords(MAX_VERSION, row))
    )


def _codewords(data: bytes, mode: int, version: int, row: int, loops: "Any") -> bytearray:
    """Data and error correction codewords, interleaved as they are drawn (7.4 to 7.6)."""
    capacity = tables.data_codewords(version, row)
    words = bytearray(capacity + 2)  # a packed value may reach two bytes beyond the last bit
    used = 0
    if mode:
        width = tables.count_bits(mode, version)
        loops.put(words, 0, mode, 4)
        loops.put(words, 4, len(data), width)
        used = loops.pack(words, 4 + width, mode, data, len(data), tables.ALPHANUMERIC_VALUES)
    used = min(used + 4, capacity * 8)
    loops.pad(words, (used + 7) // 8, capacity)

    degree = tables.ECC_LENGTH[row][version - 1]
    blocks = tables.BLOCKS[row][version - 1]
    total = tables.codewords(version)
    short_blocks = blocks - total % blocks
    short_length = total // blocks - degree
    divisor = bytearray(degree)
    loops.divisor(divisor, degree, tables.POWERS, tables.LOGARITHMS)
    result = bytearray(total)
    shape = bytes((blocks, short_blocks, short_length, degree))
    loops.interleave(words, result, shape, divisor, tables.POWERS, tables.LOGARITHMS)
    return result


def _draw_patterns(version: int, row: int, loops: "Any") -> bytearray:
    """A grid with every function pattern drawn and all data modules still free."""
    size = version * 4 + 17
    grid = bytearray(size * size)
    loops.fill(grid, size, 0, 0, size, size, _FREE)
    loops.timing(grid, size)
    _draw_finders(grid, size, loops)
    centres = tables.alignment_positions(version)
    for y in centres:
        for x in centres:
            at_finder = (x == 6 and y in (6, size - 7)) or (y == 6 and x == size - 7)
            if not at_finder:
                loops.fill(grid, size, x - 2, y - 2, 5, 5, _DARK)
                loops.fill(grid, size, x - 1, y - 1, 3, 3, 0)
                grid[y * size + x] = _DARK
    _draw_format(grid, size, tables.FORMAT_LANES[row])
    if version >= 7:
        _draw_version(grid, size, version)
    return grid


def _draw_finders(grid: bytearray, size: int, loops: "Any") -> None:
    """The three finder patterns with their light separators."""
    far = size - 7
    loops.fill(grid, size, 0, 0, 8, 8, 0)
    loops.fill(grid, size, far - 1, 0, 8, 8, 0)
    loops.fill(grid, size, 0, far - 1, 8, 8, 0)
    for x, y in ((0, 0), (far, 0), (0, far)):
        loops.fill(grid, size, x, y, 7, 7, _DARK)
        loops.fill(grid, size, x + 1, y + 1, 5, 5, 0)
        loops.fill(grid, size, x + 2, y + 2, 3, 3, _DARK)


def _draw_format(grid: bytearray, size: int, lanes: bytes) -> None:
    """Both copies of the format bits, for every mask at once (7.9.1)."""
    for i in range(6):
        grid[i * size + 8] = lanes[i]
        grid[8 * size + 5 - i] = lanes[9 + i]
    grid[7 * size + 8] = lanes[6]
    grid[8 * size + 8] = lanes[7]
    grid[8 * size + 7] = lanes[8]
    for i in range(8):
        grid[8 * size + size - 1 - i] = lanes[i]
    for i in range(8, 15):
        grid[(size - 15 + i) * size + 8] = lanes[i]
    grid[(size - 8) * size + 8] = _DARK


def _draw_version(grid: bytearray, size: int, version: int) -> None:
    """Both copies of the version information (7.10)."""
    remainder = version
    for _ in range(12):
        remainder = (remainder << 1) ^ ((remainder >> 11) * 0x1F25)
    bits = version << 12 | remainder
    for i in range(18):
        value = _DARK if (bits >> i) & 1 else 0
        a = size - 11 + i % 3
        b = i // 3
        grid[b * size + a] = value
        grid[a * size + b] = value


def _best_mask(grid: bytearray, size: int, loops: "Any") -> int:
    """The mask with the lowest penalty, the first of equals (7.8.3)."""
    tally = array("I", bytes(1024))
    dark = array("I", bytes(1024))
    loops.judge_blocks(grid, size, tally, dark)
    loops.judge_lines(grid, size, bytearray(size + 2 * _LINE_PAD), _LINE_PAD, tally)
    penalties = array("I", bytes(32))
    darks = array("I", bytes(32))
    loops.spread(tally, penalties)
    loops.spread(dark, darks)
    total = size * size
    best = 0
    lowest = 1 << 30
    for mask in range(8):
        off_balance = abs(darks[mask] * 20 - total * 10)
        penalty = penalties[mask] + ((off_balance + total - 1) // total - 1) * 10
        if penalty < lowest:
            lowest = penalty
            best = mask
    return best

"""Constants of ISO/IEC 18004 for versions 1 to 20 and the levels L, M and Q."""

#: A version beyond 20 has modules too small for a 240 pixel wide screen.
MAX_VERSION = 20

LEVELS = "LMQ"

#: Error correction codewords per block; one row per level, one byte per version (table 9).
ECC_LENGTH = (
    bytes((7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28)),
    bytes((10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26)),
    bytes((13, 22, 18, 26, 18, 24, 18, 22, 20, 24, 28, 26, 24, 20, 30, 24, 28, 28, 26, 30)),
)

#: Number of blocks; one row per level, one byte per version (table 9).
BLOCKS = (
    bytes((1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8)),
    bytes((1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16)),
    bytes((1, 1, 2, 2, 4, 4, 6, 6, 8, 8, 8, 10, 12, 16, 12, 17, 16, 18, 21, 20)),
)

#: The 15 format bits of each level, lowest first; bit k of a byte is that format bit under mask k (7.9.1).
FORMAT_LANES = (
    bytes((0x5A, 0x96, 0x99, 0x3C, 0xAA, 0x96, 0xC3, 0x0F, 0xA5, 0x33, 0x55, 0xCC, 0x0F, 0xFF, 0xFF)),
    bytes((0x5A, 0x69, 0x66, 0x3C, 0x55, 0x96, 0x3C, 0xF0, 0x5A, 0xCC, 0x55, 0xCC, 0x0F, 0x00, 0xFF)),
    bytes((0xA5, 0x69, 0x99, 0xC3, 0x55, 0x96, 0xC3, 0xF0, 0xA5, 0xCC, 0x55, 0xCC, 0x0F, 0xFF, 0x00)),
)

NUMERIC = 1
ALPHANUMERIC = 2
BYTE = 4

#: Characters of the alphanumeric mode, in the order of their values (table 5).
ALPHABET = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

NOT_ALPHANUMERIC = 255


def _alphanumeric_values() -> bytes:
    """For each byte its alphanumeric value, or NOT_ALPHANUMERIC."""
    values = bytearray([NOT_ALPHANUMERIC] * 256)
    for value in range(len(ALPHABET)):
        values[ALPHABET[value]] = value
    return bytes(values)


def _field() -> tuple[bytes, bytes]:
    """Powers (twice round, so that two logarithms may be added) and logarithms in GF(256) modulo 0x11D."""
    powers = bytearray(512)
    logarithms = bytearray(256)
    x = 1
    for i in range(255):
        powers[i] = powers[i + 255] = x
        logarithms[x] = i
        x <<= 1
        if x > 255:
            x ^= 0x11D
    return bytes(powers), bytes(logarithms)


def _mask_lanes() -> bytes:
    """The eight mask patterns in one: byte (y % 12) * 6 + x % 6, bit k set where mask k inverts (7.8.2)."""
    lanes = bytearray(72)
    for y in range(12):
        for x in range(6):
            xy = x * y
            inverts = (
                (x + y) % 2 == 0,
                y % 2 == 0,
                x % 3 == 0,
                (x + y) % 3 == 0,
                (x // 3 + y // 2) % 2 == 0,
                xy % 2 + xy % 3 == 0,
                (xy % 2 + xy % 3) % 2 == 0,
                ((x + y) % 2 + xy % 3) % 2 == 0,
            )
            lanes[y * 6 + x] = sum(1 << k for k in range(8) if inverts[k])
    return bytes(lanes)


ALPHANUMERIC_VALUES = _alphanumeric_values()
POWERS, LOGARITHMS = _field()
MASK_LANES = _mask_lanes()
del _alphanumeric_values, _field, _mask_lanes  # a kilobyte of a device's heap that has done its work


def count_bits(mode: int, version: int) -> int:
    """Width of the character count field (table 3)."""
    small = version <= 9
    if mode == NUMERIC:
        return 10 if small else 12
    if mode == ALPHANUMERIC:
        return 9 if small else 11
    return 8 if small else 16


def codewords(version: int) -> int:
    """All codewords a version holds, data and error correction together."""
    modules = (16 * version + 128) * version + 64
    if version >= 2:
        alignments = version // 7 + 2
        modules -= (25 * alignments - 10) * alignments - 55
        if version >= 7:
            modules -= 36
    return modules // 8


def data_codewords(version: int, level: int) -> int:
    """Data codewords of a version at a level (index into LEVELS)."""
    return codewords(version) - ECC_LENGTH[level][version - 1] * BLOCKS[level][version - 1]


def alignment_positions(version: int) -> tuple[int, ...]:
    """Centres of the alignment patterns, ascending (annex E)."""
    if version == 1:
        return ()
    count = version // 7 + 2
    step = (version * 4 + count * 2 + 1) // (count * 2 - 2) * 2
    last = version * 4 + 10
    return (6,) + tuple(last - i * step for i in range(count - 2, -1, -1))

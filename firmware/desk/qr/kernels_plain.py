"""The QR encoder's inner loops in plain Python: the twin of `kernels_viper`, for CPython and ports without viper.

The two files have the same functions with the same arguments and are tested equal; the viper one says what each
buffer holds.
"""
# ruff: noqa: PLR0917  (the viper twin knows no keywords)

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from array import array

    Counts = array[int]


def is_alphanumeric(data: bytes, length: int, values: bytes) -> bool:
    """Whether each of the bytes has an alphanumeric value."""
    return all(values[data[i]] != 255 for i in range(length))


def put(words: bytearray, at: int, value: int, width: int) -> None:
    """Write `width` (at most 16) bits at bit `at`; the bytes there must still be zero."""
    byte = at >> 3
    shifted = value << (24 - (at & 7) - width)
    words[byte] |= (shifted >> 16) & 255
    words[byte + 1] |= (shifted >> 8) & 255
    words[byte + 2] |= shifted & 255


def pack(words: bytearray, at: int, mode: int, data: bytes, length: int, values: bytes) -> int:
    """Pack the content of a segment from bit `at` on; gives the bit behind it (7.4)."""
    step = (0, 3, 2, 0, 1)[mode]
    for i in range(0, length, step):
        count = min(step, length - i)
        if mode == 4:
            value, width = data[i], 8
        elif mode == 2:
            value, width = values[data[i]], 6
            if count == 2:
                value, width = value * 45 + values[data[i + 1]], 11
        else:
            value, width = int(data[i : i + count]), count * 3 + 1
        put(words, at, value, width)
        at += width
    return at


def pad(words: bytearray, start: int, end: int) -> None:
    """Fill the codewords from `start` with the two pad codewords in turn (7.4.10)."""
    value = 0xEC
    for i in range(start, end):
        words[i] = value
        value ^= 0xFD


def divisor(coefficients: bytearray, degree: int, powers: bytes, logarithms: bytes) -> None:
    """Logarithms of the generator polynomial's coefficients, highest power first, without the leading one (annex A)."""
    for i in range(degree):
        coefficients[i] = 0
    coefficients[degree - 1] = 1
    for root in range(degree):
        for j in range(degree):
            value = coefficients[j]
            if value:
                value = powers[logarithms[value] + root]
            if j + 1 < degree:
                value ^= coefficients[j + 1]
            coefficients[j] = value
    for i in range(degree):
        coefficients[i] = logarithms[coefficients[i]]


def interleave(
    words: bytearray, result: bytearray, shape: bytes, divisor_logs: bytes, powers: bytes, logarithms: bytes
) -> None:
    """Cut into blocks, compute each block's error correction and interleave all (7.5, 7.6).

    `shape` is (blocks, short blocks, data codewords of a short block, error correction codewords of a block).
    """
    blocks, short_blocks, short_length, degree = shape
    ecc_start = blocks * short_length + blocks - short_blocks
    at = 0
    for block in range(blocks):
        length = short_length + (1 if block >= short_blocks else 0)
        for i in range(short_length):
            result[i * blocks + block] = words[at + i]
        if length > short_length:
            result[short_length * blocks + block - short_blocks] = words[at + short_length]
        ecc = remainder(words[at : at + length], divisor_logs, powers, logarithms)
        for j in range(degree):
            result[ecc_start + j * blocks + block] = ecc[j]
        at += length


def remainder(data: bytearray, divisor_logs: bytes, powers: bytes, logarithms: bytes) -> bytearray:
    """Error correction codewords of one block: the remainder of the division by the generator polynomial."""
    degree = len(divisor_logs)
    ecc = bytearray(degree + 1)  # one more: the shifted-in zero
    for value in data:
        factor = value ^ ecc[0]
        if factor:
            factor = logarithms[factor]
            for j in range(degree):
                ecc[j] = ecc[j + 1] ^ powers[factor + divisor_logs[j]]
        else:
            for j in range(degree):
                ecc[j] = ecc[j + 1]
    return ecc


def fill(grid: bytearray, size: int, x: int, y: int, width: int, height: int, value: int) -> None:
    """Set a rectangle of modules."""
    strip = bytes([value]) * width
    for row in range(y, y + height):
        at = row * size + x
        grid[at : at + width] = strip


def timing(grid: bytearray, size: int) -> None:
    """The two timing patterns, edge to edge; the finders are drawn over them."""
    value = 255
    for i in range(size):
        grid[6 * size + i] = value
        grid[i * size + 6] = value
        value ^= 255


def place(grid: bytearray, size: int, words: bytearray, count: int, mask_lanes: bytes) -> None:
    """Draw the codewords into the free modules, under all eight masks (7.7.3, 7.8.2); the rest counts as zeros."""
    bits = count * 8
    bit = 0
    right = size - 1
    upward = True
    while right > 0:
        if right == 6:
            right = 5
        left_lane = (right - 1) % 6
        right_lane = right % 6
        for y in range(size - 1, -1, -1) if upward else range(size):
            lane_row = y % 12 * 6
            for x, lane in ((right, right_lane), (right - 1, left_lane)):
                at = y * size + x
                if grid[at] == 2:
                    dark = bit < bits and (words[bit >> 3] << (bit & 7)) & 128
                    grid[at] = (255 if dark else 0) ^ mask_lanes[lane_row + lane]
                    bit += 1
        right -= 2
        upward = not upward


def judge_blocks(grid: bytearray, size: int, tally: "Counts", dark: "Counts") -> None:
    """Add 3 to tally[lanes] for each 2 x 2 block of one colour, and 1 to dark[lanes] for each module.

    `lanes` is the set of masks, as bits, for which it holds; both are arrays of 256 counts.
    """
    for lanes in grid:
        dark[lanes] += 1
    for start in range(0, (size - 1) * size, size):
        upper = grid[start]
        lower = grid[start + size]
        for at in range(start + 1, start + size):
            upper_right = grid[at]
            lower_right = grid[at + size]
            tally[255 ^ ((upper ^ lower) | (upper ^ upper_right) | (upper ^ lower_right))] += 3
            upper = upper_right
            lower = lower_right


def judge_lines(grid: bytearray, size: int, line: bytearray, pad_length: int, tally: "Counts") -> None:
    """Add the points of runs (3 and one for each module above five) and finder-like patterns (40) to tally[lanes].

    A run of n >= 5 has n - 4 windows of five equal modules and one first window: n - 2 = (n - 4) + 2 points.
    `line` is a scratch of size + 2 * pad_length zeros: what lies beyond a line counts as light for the finder rule.
    """
    for number in range(size):
        line[pad_length : pad_length + size] = grid[number * size : number * size + size]
        _judge_line(line, size, pad_length, tally)
    for number in range(size):
        for i in range(size):
            line[pad_length + i] = grid[i * size + number]
        _judge_line(line, size, pad_length, tally)


def _judge_line(line: bytearray, size: int, pad_length: int, tally: "Counts") -> None:
    """Judge one line that stands in the middle of its padding."""
    before = line[pad_length]
    two = three = three_before = five = five_before = 0
    for i in range(pad_length + 1, pad_length + size):
        now = line[i]
        equal = 255 ^ now ^ before
        ended = before & ~now
        centre = three & ended
        if centre:
            centre &= line[i + 1] & line[i - 5] & ~(line[i - 4] | line[i - 6] | line[i + 2])
            if centre:
                tally[centre & ~(line[i + 3] | line[i + 4] | line[i + 5])] += 40
                tally[centre & ~(line[i - 7] | line[i - 8] | line[i - 9])] += 40
        centre = five & five_before & ended & ~line[i + 1]
        lane = 1
        while centre:
            if centre & lane:
                centre ^= lane
                _judge_wide_finder(line, size, i, lane, tally)
            lane <<= 1
        five_before = five
        five = equal & two & three_before
        if five:
            tally[five] += 1
            tally[five & ~five_before] += 2
        three_before = three
        three = equal & two
        two = equal
        before = now


def _judge_wide_finder(line: bytearray, size: int, end: int, lane: int, tally: "Counts") -> None:
    """Points for a finder-like pattern of units of two and more, whose middle run of dark modules ends before `end`."""
    s = end - 1
    while line[s] & lane:
        s -= 1
    run = end - 1 - s
    n = run // 3
    if n * 3 != run or n * 7 > size:
        return
    for k in range(n):
        if (line[end + k] | ~line[end + n + k] | line[end + 2 * n + k]) & lane:
            return
        if (line[s - k] | ~line[s - n - k] | line[s - 2 * n - k]) & lane:
            return
    if not any(line[end + k] & lane for k in range(3 * n, 6 * n)):
        tally[lane] += 40
    if not any(line[s - k] & lane for k in range(3 * n, 6 * n)):
        tally[lane] += 40


def spread(tally: "Counts", sums: "Counts") -> None:
    """Sum tally[lanes] for each of the eight lanes; tally[0] belongs to none."""
    for lanes in range(1, 256):
        value = tally[lanes]
        if value:
            for lane in range(8):
                if (lanes >> lane) & 1:
                    sums[lane] += value


def pick(grid: bytearray, size: int, lane: int, rows: bytearray) -> None:
    """Pack one lane of the grid to rows of bits."""
    stride = (size + 7) >> 3
    for y in range(size):
        start = y * stride
        for x in range(size):
            if (grid[y * size + x] >> lane) & 1:
                rows[start + (x >> 3)] |= 128 >> (x & 7)

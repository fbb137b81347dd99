"""The QR encoder's inner loops for MicroPython's viper emitter; `kernels_plain` is the same in plain Python.

Imported under MicroPython alone. Arguments are bytearrays (or bytes) unless said otherwise; sizes are the caller's
to get right, as viper checks no bounds.
"""
# mypy: ignore-errors
# ruff: noqa: F821, PLR0917, SIM110  (names, positional arguments and loops as the emitter wants them)


@micropython.viper
def is_alphanumeric(data, length: int, values) -> bool:
    """Whether each of the bytes has an alphanumeric value."""
    source = ptr8(data)
    table = ptr8(values)
    for i in range(length):
        if table[source[i]] == 255:
            return False
    return True


@micropython.viper
def put(words, at: int, value: int, width: int):
    """Write `width` (at most 16) bits at bit `at`; the bytes there must still be zero."""
    out = ptr8(words)
    byte = at >> 3
    shifted = value << (24 - (at & 7) - width)
    out[byte] |= (shifted >> 16) & 255
    out[byte + 1] |= (shifted >> 8) & 255
    out[byte + 2] |= shifted & 255


@micropython.viper
def pack(words, at: int, mode: int, data, length: int, values) -> int:
    """Pack the content of a segment from bit `at` on; gives the bit behind it (7.4)."""
    out = ptr8(words)
    source = ptr8(data)
    table = ptr8(values)
    i = 0
    while i < length:
        left = length - i
        if mode == 4:
            value = source[i]
            width = 8
            i += 1
        elif mode == 2:
            value = table[source[i]]
            width = 6
            if left > 1:
                value = value * 45 + table[source[i + 1]]
                width = 11
            i += 2
        else:
            value = source[i] - 48
            width = 4
            if left > 1:
                value = value * 10 + source[i + 1] - 48
                width = 7
            if left > 2:
                value = value * 10 + source[i + 2] - 48
                width = 10
            i += 3
        byte = at >> 3
        shifted = value << (24 - (at & 7) - width)
        out[byte] |= (shifted >> 16) & 255
        out[byte + 1] |= (shifted >> 8) & 255
        out[byte + 2] |= shifted & 255
        at += width
    return at


@micropython.viper
def pad(words, start: int, end: int):
    """Fill the codewords from `start` with the two pad codewords in turn (7.4.10)."""
    out = ptr8(words)
    value = 0xEC
    for i in range(start, end):
        out[i] = value
        value ^= 0xFD


@micropython.viper
def divisor(coefficients, degree: int, powers, logarithms):
    """Logarithms of the generator polynomial's coefficients, highest power first, without the leading one (annex A)."""
    out = ptr8(coefficients)
    power = ptr8(powers)
    logarithm = ptr8(logarithms)
    for i in range(degree):
        out[i] = 0
    out[degree - 1] = 1
    for root in range(degree):
        for j in range(degree):
            value = out[j]
            if value:
                value = power[logarithm[value] + root]
            if j + 1 < degree:
                value ^= out[j + 1]
            out[j] = value
    for i in range(degree):
        out[i] = logarithm[out[i]]


@micropython.viper
def interleave(words, result, shape, divisor_logs, powers, logarithms):
    """Cut into blocks, compute each block's error correction and interleave all (7.5, 7.6).

    `shape` is (blocks, short blocks, data codewords of a short block, error correction codewords of a block).
    """
    source = ptr8(words)
    out = ptr8(result)
    form = ptr8(shape)
    gen = ptr8(divisor_logs)
    power = ptr8(powers)
    logarithm = ptr8(logarithms)
    blocks = form[0]
    short_blocks = form[1]
    short_length = form[2]
    degree = form[3]
    ecc_start = blocks * short_length + blocks - short_blocks
    at = 0
    for block in range(blocks):
        length = short_length
        if block >= short_blocks:
            length += 1
        ecc = ptr8(bytearray(degree + 1))  # one more: the shifted-in zero
        for i in range(length):
            value = source[at]
            at += 1
            if i < short_length:
                out[i * blocks + block] = value
            else:
                out[short_length * blocks + block - short_blocks] = value
            factor = value ^ ecc[0]
            if factor:
                factor = logarithm[factor]
                for j in range(degree):
                    ecc[j] = ecc[j + 1] ^ power[factor + gen[j]]
            else:
                for j in range(degree):
                    ecc[j] = ecc[j + 1]
        for j in range(degree):
            out[ecc_start + j * blocks + block] = ecc[j]


@micropython.viper
def fill(grid, size: int, x: int, y: int, width: int, height: int, value: int):
    """Set a rectangle of modules."""
    cells = ptr8(grid)
    for row in range(y, y + height):
        at = row * size + x
        end = at + width
        while at < end:
            cells[at] = value
            at += 1


@micropython.viper
def timing(grid, size: int):
    """The two timing patterns, edge to edge; the finders are drawn over them."""
    cells = ptr8(grid)
    value = 255
    for i in range(size):
        cells[6 * size + i] = value
        cells[i * size + 6] = value
        value ^= 255


@micropython.viper
def place(grid, size: int, words, count: int, mask_lanes):
    """Draw the codewords into the free modules, under all eight masks (7.7.3, 7.8.2); the rest counts as zeros."""
    cells = ptr8(grid)
    source = ptr8(words)
    lanes = ptr8(mask_lanes)
    bits = count * 8
    bit = 0
    right = size - 1
    upward = 1
    while right > 0:
        if right == 6:
            right = 5
        left_lane = (right - 1) % 6
        right_lane = right % 6
        for step in range(size):
            y = step
            if upward:
                y = size - 1 - step
            lane_row = (y % 12) * 6
            at = y * size + right
            if cells[at] == 2:
                value = 0
                if bit < bits and (source[bit >> 3] << (bit & 7)) & 128:
                    value = 255
                bit += 1
                cells[at] = value ^ lanes[lane_row + right_lane]
            at -= 1
            if cells[at] == 2:
                value = 0
                if bit < bits and (source[bit >> 3] << (bit & 7)) & 128:
                    value = 255
                bit += 1
                cells[at] = value ^ lanes[lane_row + left_lane]
        right -= 2
        upward ^= 1


@micropython.viper
def judge_blocks(grid, size: int, tally, dark):
    """Add 3 to tally[lanes] for each 2 x 2 block of one colour, and 1 to dark[lanes] for each module.

    `lanes` is the set of masks, as bits, for which it holds; both are arrays of 256 32-bit counts.
    """
    cells = ptr8(grid)
    points = ptr32(tally)
    counts = ptr32(dark)
    at = 0
    for _ in range(size - 1):
        upper = cells[at]
        lower = cells[at + size]
        counts[upper] += 1
        at += 1
        end = at + size - 1
        while at < end:
            upper_right = cells[at]
            lower_right = cells[at + size]
            counts[upper_right] += 1
            same = 255 ^ ((upper ^ lower) | (upper ^ upper_right) | (upper ^ lower_right))
            if same:
                points[same] += 3
            upper = upper_right
            lower = lower_right
            at += 1
    for _ in range(size):
        counts[cells[at]] += 1
        at += 1


@micropython.viper
def judge_wide_finders(line, size: int, end: int, lanes: int, tally):
    """Points for finder-like patterns of units of two and more; in `lanes` a run of six and more dark ends at `end`."""
    row = ptr8(line)
    points = ptr32(tally)
    lane = 1
    while lanes:
        if lanes & lane:
            lanes ^= lane
            s = end - 1
            while row[s] & lane:
                s -= 1
            run = end - 1 - s
            n = run // 3
            if n * 3 == run and n * 7 <= size:
                wrong = 0
                for k in range(n):
                    wrong |= row[end + k] | (255 ^ row[end + n + k]) | row[end + 2 * n + k]
                    wrong |= row[s - k] | (255 ^ row[s - n - k]) | row[s - 2 * n - k]
                if not wrong & lane:
                    right_dark = 0
                    left_dark = 0
                    for k in range(3 * n, 6 * n):
                        right_dark |= row[end + k]
                        left_dark |= row[s - k]
                    points[lane & (255 ^ right_dark)] += 40
                    points[lane & (255 ^ left_dark)] += 40
        lane <<= 1


@micropython.viper
def judge_lines(grid, size: int, line, pad_length: int, tally):
    """Add the points of runs (3 and one for each module above five) and finder-like patterns (40) to tally[lanes].

    A run of n >= 5 has n - 4 windows of five equal modules and one first window: n - 2 = (n - 4) + 2 points.
    `line` is a scratch of size + 2 * pad_length zeros: what lies beyond a line counts as light for the finder rule.
    """
    cells = ptr8(grid)
    row = ptr8(line)
    points = ptr32(tally)
    end = pad_length + size
    for direction in range(2):
        step = 1
        if direction:
            step = size
        for number in range(size):
            at = number
            if not direction:
                at = number * size
            i = pad_length
            while i < end:
                row[i] = cells[at]
                at += step
                i += 1
            before = row[pad_length]
            two = 0  # lanes in which the last two modules were equal; three, five: likewise
            three = 0
            three_before = 0
            five = 0
            five_before = 0
            i = pad_length + 1
            while i < end:
                now = row[i]
                equal = 255 ^ now ^ before
                ended = before & (255 ^ now)  # lanes in which a dark run ended
                centre = three & ended
                if centre:
                    centre &= row[i + 1] & row[i - 5] & (255 ^ (row[i - 4] | row[i - 6] | row[i + 2]))
                    if centre:
                        points[centre & (255 ^ (row[i + 3] | row[i + 4] | row[i + 5]))] += 40
                        points[centre & (255 ^ (row[i - 7] | row[i - 8] | row[i - 9]))] += 40
                centre = five & five_before & ended & (255 ^ row[i + 1])
                if centre:
                    judge_wide_finders(line, size, i, centre, tally)
                five_before = five
                five = equal & two & three_before
                if five:
                    points[five] += 1
                    first = five & (255 ^ five_before)
                    points[first] += 2
                three_before = three
                three = equal & two
                two = equal
                before = now
                i += 1


@micropython.viper
def spread(tally, sums):
    """Sum tally[lanes] for each of the eight lanes; tally[0] belongs to none."""
    points = ptr32(tally)
    out = ptr32(sums)
    for lanes in range(1, 256):
        value = points[lanes]
        if value:
            for lane in range(8):
                if (lanes >> lane) & 1:
                    out[lane] += value


@micropython.viper
def pick(grid, size: int, lane: int, rows):
    """Pack one lane of the grid to rows of bits."""
    cells = ptr8(grid)
    out = ptr8(rows)
    stride = (size + 7) >> 3
    at = 0
    for y in range(size):
        start = y * stride
        for x in range(size):
            if (cells[at] >> lane) & 1:
                out[start + (x >> 3)] |= 128 >> (x & 7)
            at += 1

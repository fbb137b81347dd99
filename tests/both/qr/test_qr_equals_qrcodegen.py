"""Our QR codes are, module by module, those of qrcodegen: on CPython, and on MicroPython with both sets of loops."""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
from array import array
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from qrcodegen import QrCode, QrSegment

from desk.qr import QrError, encode, kernels_plain, tables

ROOT = Path(__file__).parents[3]
MICROPYTHON = Path(sys.executable).with_name("micropython")
ECC = {"L": QrCode.Ecc.LOW, "M": QrCode.Ecc.MEDIUM, "Q": QrCode.Ecc.QUARTILE}
ALPHABETS = {
    tables.NUMERIC: "0123456789",
    tables.ALPHANUMERIC: tables.ALPHABET.decode(),
    tables.BYTE: "abcxyzABC019 .:/?=&%çəğЖლس",
}


def _text(random_: random.Random, mode: int, length: int) -> str:
    """Text of exactly `length` UTF-8 bytes whose densest mode is `mode`."""
    ensure = {tables.NUMERIC: "", tables.ALPHANUMERIC: "K", tables.BYTE: "k"}[mode]
    alphabet = ALPHABETS[mode]
    if random_.random() < 0.25:  # long runs: the penalty rules differ most here
        alphabet = random_.choice(alphabet[:9])
    text = ensure
    while len(text.encode()) < length:
        character = random_.choice(alphabet)
        text += character if len((text + character).encode()) <= length else "x"
    return text


def _capacity(mode: int, version: int, level: str) -> int:
    """The longest content of a version, by trying."""
    bits = tables.data_codewords(version, tables.LEVELS.index(level)) * 8 - 4 - tables.count_bits(mode, version)
    if mode == tables.NUMERIC:
        return bits // 10 * 3 + {0: 0, 4: 1, 7: 2}[max(v for v in (0, 4, 7) if v <= bits % 10)]
    if mode == tables.ALPHANUMERIC:
        return bits // 11 * 2 + (1 if bits % 11 >= 6 else 0)
    return bits // 8


def _cases(mode: int, level: str) -> list[tuple[str, str]]:
    """For each version one text that fills it to the last character, and one of some length between."""
    random_ = random.Random(f"{mode} {level}")
    cases, below = [], 1
    for version in range(1, tables.MAX_VERSION + 1):
        full = _capacity(mode, version, level)
        cases.append((_text(random_, mode, full), level))
        cases.append((_text(random_, mode, random_.randint(below, full)), level))
        below = full + 1
    return cases


def _oracle(text: str, level: str) -> str:
    """Version, mask and digest of the rows as qrcodegen makes them, packed as ours are."""
    code = QrCode.encode_segments(QrSegment.make_segments(text), ECC[level], maxversion=20, boostecl=False)
    size = code.get_size()
    image = Image.new("1", (size, size))
    image.putdata([code.get_module(x, y) for y in range(size) for x in range(size)])
    return f"{code.get_version()} {code.get_mask()} {hashlib.sha256(image.tobytes()).hexdigest()}"


def _ours(text: str, level: str) -> str:
    code = encode(text, level)
    return f"{code.version} {code.mask} {hashlib.sha256(code.rows).hexdigest()}"


def _run_micropython(heap: str, arguments: list[str]) -> list[str]:
    """The lines MicroPython prints for the arguments, in a heap of that size."""
    environment = {**os.environ, "MICROPYPATH": f"{ROOT}/firmware:{ROOT}/firmware/lib:.frozen"}
    command = [str(MICROPYTHON), "-X", f"heapsize={heap}", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout[-500:]
    return done.stdout.splitlines()


@pytest.mark.parametrize("level", "LMQ")
@pytest.mark.parametrize("mode", ALPHABETS)
def test_every_version_equals_qrcodegen_under_both_interpreters(mode: int, level: str, tmp_path: Path) -> None:
    cases = _cases(mode, level)
    expected = [_oracle(text, level) for text, level in cases]
    assert [_ours(text, level) for text, level in cases] == expected
    path = tmp_path / "cases.json"
    path.write_text(json.dumps(cases))
    twice = [line for line in expected for _ in range(2)]
    script = Path(__file__).with_name("qr_rows_device.py")
    assert _run_micropython("256K", [str(script), str(path)]) == twice


def test_the_largest_code_is_made_in_a_64k_heap() -> None:
    length = _capacity(tables.BYTE, 20, "L")
    program = f"from desk.qr import encode; m = encode('k' * {length}, 'L'); print(m.version, m.mask, sum(m.rows))"
    code = encode("k" * length, "L")
    assert _run_micropython("64K", ["-c", program]) == [f"{code.version} {code.mask} {sum(code.rows)}"]


def test_penalties_equal_qrcodegen_on_lines_full_of_wide_finder_patterns() -> None:
    random_ = random.Random(7)
    for version in (1, 3, 8, 20):
        size = version * 4 + 17
        lanes = [[_runs(random_, size) for _ in range(size)] for _ in range(8)]
        if version % 2 == 0:
            lanes = [[list(column) for column in zip(*lane, strict=True)] for lane in lanes]
        grid = bytearray(sum(lanes[k][y][x] << k for k in range(8)) for y in range(size) for x in range(size))
        tally, dark, points, darks = (array("I", bytes(n)) for n in (1024, 1024, 32, 32))
        kernels_plain.judge_blocks(grid, size, tally, dark)
        kernels_plain.judge_lines(grid, size, bytearray(size + 112), 56, tally)
        kernels_plain.spread(tally, points)
        kernels_plain.spread(dark, darks)
        for k in range(8):
            oracle = QrCode.__new__(QrCode)
            oracle._size = size
            oracle._modules = [[bool(cell) for cell in row] for row in lanes[k]]
            total = size * size
            balance = (abs(darks[k] * 20 - total * 10) + total - 1) // total - 1
            assert points[k] + balance * 10 == oracle._get_penalty_score()


def _runs(random_: random.Random, size: int) -> list[int]:
    """A line made of random runs and of finder-like patterns of units of one to five modules."""
    line: list[int] = []
    while len(line) < size:
        unit = random_.randint(1, 5)
        if random_.random() < 0.5:
            for dark, times in ((0, random_.choice((1, 4))), (1, 1), (0, 1), (1, 3), (0, 1), (1, 1), (0, 4)):
                line += [dark] * (times * unit)
        else:
            line += [random_.randint(0, 1)] * random_.randint(1, 8)
    return line[:size]


def test_a_scanner_reads_back_what_was_encoded() -> None:
    random_ = random.Random(3)
    for level in "LMQ":
        for mode in ALPHABETS:
            text = _text(random_, mode, random_.randint(1, 250))
            code = encode(text, level)
            image = Image.new("L", (code.size + 8, code.size + 8), 255)
            for y in range(code.size):
                for x in range(code.size):
                    image.putpixel((x + 4, y + 4), 0 if code.get(x, y) else 255)
            large = image.resize((image.width * 4, image.height * 4), Image.Resampling.NEAREST)
            found = zxingcpp.read_barcodes(large, formats=zxingcpp.BarcodeFormat.QRCode)
            assert [barcode.text for barcode in found] == [text]


def test_bytes_and_text_give_the_same_code_and_outside_is_light() -> None:
    code = encode(b"\x00\xff raw", "M")
    binary = QrCode.encode_segments([QrSegment.make_bytes(b"\x00\xff raw")], ECC["M"], boostecl=False)
    assert all(code.get(x, y) == binary.get_module(x, y) for x in range(-1, 23) for y in range(-1, 23))
    assert encode("kassa", "L").rows == encode(b"kassa", "L").rows
    assert _ours("", "M") == _oracle("", "M")


def test_what_cannot_be_encoded_is_named() -> None:
    with pytest.raises(
        QrError, match=r"900 bytes do not fit version 20 at level L \(861 codewords\): shorten the data"
    ):
        encode("k" * 900, "L")
    with pytest.raises(QrError, match="level 'H' is not known: use L, M or Q"):
        encode("k", "H")

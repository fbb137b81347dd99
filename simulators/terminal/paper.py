"""The receipt printer's paper: the ESC/POS commands that the terminal uses, read strictly and drawn."""

from __future__ import annotations

import io
from collections import deque
from dataclasses import dataclass, field
from typing import Final

import segno
from PIL import Image, ImageDraw, ImageFont

#: 58 mm paper: 48 mm of it are printed, at 8 dots a millimetre; a character of font A is 12 x 24 dots.
WIDTH: Final = 384
CELL_WIDTH, CELL_HEIGHT = 12, 24
COLUMNS: Final = WIDTH // CELL_WIDTH
_LINE: Final = 30  # the printer's own line spacing
_MARGIN: Final = 24
_KEPT: Final = 20  # receipts on the roll that a person looks back at
#: The longest symbol the terminal prints is a link: bounded so that a fault cannot print for ever.
_MAX_QR_BYTES: Final = 512


class PaperError(Exception):
    """The bytes are not what this printer understands; the message says which and where."""


@dataclass(slots=True)
class Line:
    """One printed line: text in one style, or a QR symbol."""

    text: str = ""
    qr: str = ""
    centred: bool = False
    bold: bool = False
    scale: int = 1
    dots: int = 0


@dataclass(slots=True)
class Receipt:
    """What came out in one piece."""

    lines: list[Line] = field(default_factory=list)

    @property
    def text(self) -> list[str]:
        """The printed lines of text."""
        return [line.text for line in self.lines if line.text]

    @property
    def codes(self) -> list[str]:
        """What the printed QR symbols say."""
        return [line.qr for line in self.lines if line.qr]

    def image(self) -> Image.Image:
        """The strip of paper."""
        heights = [_height(line) for line in self.lines]
        paper = Image.new("L", (WIDTH + 2 * _MARGIN, sum(heights) + 2 * _MARGIN), 252)
        y = _MARGIN
        for line, height in zip(self.lines, heights, strict=True):
            strip = _symbol(line) if line.qr else _text(line)
            x = _MARGIN + ((WIDTH - strip.width) // 2 if line.centred else 0)
            paper.paste(strip, (x, y))
            y += height
        return paper

    def png(self) -> bytes:
        """The strip as a PNG file."""
        out = io.BytesIO()
        self.image().save(out, "PNG", optimize=True)
        return out.getvalue()


def _height(line: Line) -> int:
    if line.qr:
        return _symbol(line).height + _LINE // 2
    return _LINE * line.scale


def _symbol(line: Line) -> Image.Image:
    out = io.BytesIO()
    segno.make(line.qr, error="m", micro=False, boost_error=False).save(out, "png", scale=line.dots, border=4)
    with Image.open(out) as image:
        return image.convert("L")


def _text(line: Line) -> Image.Image:
    """Each character in the middle of its cell, as a printer's own font stands."""
    cells = max(1, len(line.text))
    strip = Image.new("L", (cells * CELL_WIDTH, CELL_HEIGHT), 252)
    draw = ImageDraw.Draw(strip)
    font = ImageFont.load_default(17)
    for place, character in enumerate(line.text):
        where = (place * CELL_WIDTH + CELL_WIDTH // 2, 19)
        draw.text(where, character, fill=24, font=font, anchor="ms", stroke_width=0.5 if line.bold else 0)
    return strip.resize((strip.width * line.scale, strip.height * line.scale), Image.Resampling.NEAREST)


class Paper:
    """The roll: receipts, newest last."""

    def __init__(self) -> None:
        self.receipts: deque[Receipt] = deque(maxlen=_KEPT)
        self.printed = 0

    def feed(self, data: bytes) -> Receipt:
        """Print what the terminal sent.

        Raises:
            PaperError: a command that this printer does not have, or one that is cut off. Nothing is printed.
        """
        receipt = _Reader(data).read()
        self.receipts.append(receipt)
        self.printed += 1
        return receipt


class _Reader:
    """One receipt's bytes, from the first to the last."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self._receipt = Receipt()
        self._reset()

    def _reset(self) -> None:
        self._text = bytearray()
        self._centred = self._bold = False
        self._scale, self._dots, self._symbol = 1, 3, ""

    def read(self) -> Receipt:
        """All of it."""
        while self._at < len(self._data):
            byte = self._take(1)[0]
            if byte == 0x1B:
                self._escape()
            elif byte == 0x1D:
                self._group()
            elif byte == 0x0A:
                self._end_line()
            elif 0x20 <= byte <= 0x7E:
                self._print(byte)
            else:
                raise PaperError(f"byte {byte:02X} at {self._at - 1} is neither text nor a command")
        if self._text:
            raise PaperError("the last line has no end: it stays in the printer")
        return self._receipt

    def _take(self, count: int) -> bytes:
        found = self._data[self._at : self._at + count]
        if len(found) < count:
            raise PaperError(f"the command at {self._at} is cut off")
        self._at += count
        return found

    def _print(self, byte: int) -> None:
        if len(self._text) >= COLUMNS // self._scale:
            self._end_line()
        self._text.append(byte)

    def _end_line(self) -> None:
        line = Line(self._text.decode("ascii"), "", self._centred, self._bold, self._scale)
        self._receipt.lines.append(line)
        self._text.clear()

    def _escape(self) -> None:
        command = self._take(1)
        if command == b"@":
            self._reset()
            return
        value = self._take(1)[0]
        if command == b"a" and value in {0, 1}:
            self._centred = value == 1
        elif command == b"E" and value in {0, 1}:
            self._bold = value == 1
        elif command == b"d" and value <= 10:
            self._receipt.lines += [Line() for _ in range(value)]
        else:
            raise PaperError(f"ESC {command!r} {value} at {self._at - 3} is not a command of this printer")

    def _group(self) -> None:
        command = self._take(1)
        if command == b"!":
            sizes = {0x00: 1, 0x11: 2}
            value = self._take(1)[0]
            if value not in sizes:
                raise PaperError(f"GS ! {value:02X} at {self._at - 3}: characters are small (00) or large (11)")
            self._scale = sizes[value]
        elif command == b"(" and self._take(1) == b"k":
            length = int.from_bytes(self._take(2), "little")
            self._code(self._take(length))
        else:
            raise PaperError(f"GS {command!r} at {self._at - 2} is not a command of this printer")

    def _code(self, body: bytes) -> None:
        """GS ( k, symbol 49: a QR code is set up, stored and printed by one function each."""
        function, values = body[:2], body[2:]
        if function == b"1A" and values == b"2\0":
            return
        if function == b"1C" and len(values) == 1 and 1 <= values[0] <= 16:
            self._dots = values[0]
        elif function == b"1E" and values == b"1":
            return
        elif function == b"1P" and values[:1] == b"0" and 1 < len(values) <= _MAX_QR_BYTES:
            self._symbol = values[1:].decode("ascii")
        elif function == b"1Q" and values == b"0" and self._symbol:
            line = Line(qr=self._symbol, centred=self._centred, dots=self._dots)
            if _symbol(line).width > WIDTH:
                raise PaperError("the QR symbol is wider than the paper")
            self._receipt.lines.append(line)
        else:
            raise PaperError(f"GS ( k {body!r} is not a command of this printer")

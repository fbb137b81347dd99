"""Make the terminal's fonts and icons: firmware/desk/ui/fonts/{pages.py,glyphs.bin}, from DejaVu Sans and drawn shapes.

Run from the repository with `.venv/bin/python firmware/tools/make_fonts.py [directory of the DejaVu fonts]`.
Glyphs are cropped to their ink and hold two bits a pixel, lowest bits leftmost, rows padded to whole bytes: the
GS2_HMSB format of MicroPython's framebuf, so that one blit with a palette of four colours draws one glyph.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from icon_shapes import LARGE, MEDIUM, SMALL
from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

DEJAVU = Path("/usr/share/fonts/truetype/dejavu")
TARGET = Path(__file__).resolve().parents[1] / "desk" / "ui" / "fonts"

ASCII = "".join(map(chr, range(0x20, 0x7F)))
AZERBAIJANI = "ÇÖÜçöüĞğİıŞşƏə"
SYMBOLS = "·–…□"
FIGURES = "0123456789.-* "

#: Titles are in capitals; the font gives the capital of a small letter it lacks.
CAPITALS = "".join(character for character in ASCII + AZERBAIJANI if not character.islower())

#: module -> (font file, pixels of the em, characters)
FONTS = {
    "sans16": ("DejaVuSansCondensed.ttf", 16, ASCII + AZERBAIJANI + SYMBOLS),
    "sans20": ("DejaVuSansCondensed.ttf", 20, ASCII + AZERBAIJANI + SYMBOLS),
    "bold25": ("DejaVuSansCondensed-Bold.ttf", 25, CAPITALS + SYMBOLS),
    "figures36": ("DejaVuSansCondensed-Bold.ttf", 36, FIGURES),
    "figures48": ("DejaVuSansCondensed-Bold.ttf", 48, FIGURES + "PAID"),
}

#: A thin space groups the digits of an amount; stored under this character.
GROUP_SPACE = "\u2009"
GROUP_SPACE_OF_EM = 0.17

SUPERSAMPLING = 8
BYTES_A_LINE = 27

Glyph = tuple[int, int, int, int, int, bytes]  # left, top from the line's top, width, height, advance, bitmap


def pack(image: Image.Image) -> bytes:
    """An 8-bit image as two bits a pixel."""
    width, height = image.size
    out = bytearray()
    for y in range(height):
        for x in range(0, width, 4):
            byte = 0
            for k in range(min(4, width - x)):
                byte |= round(int(image.getpixel((x + k, y))) / 85) << (2 * k)  # type: ignore[arg-type]
            out.append(byte)
    return bytes(out)


def cropped(image: Image.Image, left: int, top: int, advance: int) -> Glyph:
    """Cut a glyph to its ink; `left` and `top` are where the image's corner stands."""
    box = image.point(lambda v: 255 if v >= 43 else 0).getbbox()
    if box is None:
        return (0, 0, 0, 0, advance, b"")
    ink = image.crop(box)
    return (left + box[0], top + box[1], ink.width, ink.height, advance, pack(ink))


def letter(font: ImageFont.FreeTypeFont, character: str, ascent: int) -> Glyph:
    """One character of a font, placed from the top of its line."""
    if character == GROUP_SPACE:
        return (0, 0, 0, 0, round(font.size * GROUP_SPACE_OF_EM), b"")
    margin = int(font.size)
    image = Image.new("L", (margin * 4, margin * 4))
    ImageDraw.Draw(image).text((margin, margin * 2), character, fill=255, font=font, anchor="ls")
    return cropped(image, -margin, ascent - margin * 2, round(font.getlength(character)))


def icon(draw: Callable[[ImageDraw.ImageDraw, float], None], size: int) -> Glyph:
    """One drawn shape, `size` pixels a side; shapes are drawn in a unit square."""
    large = size * SUPERSAMPLING
    image = Image.new("L", (large, large))
    draw(ImageDraw.Draw(image), large)
    return cropped(image.resize((size, size), Image.Resampling.BOX), 0, 0, size)


def literal(data: bytes) -> Iterable[str]:
    """A bytes literal over several lines."""
    for start in range(0, len(data), BYTES_A_LINE):
        yield '        b"' + "".join(f"\\x{byte:02x}" for byte in data[start : start + BYTES_A_LINE]) + '"'


class Pages:
    """Pages one after the other: their numbers go to the module, their bitmaps to the file beside it."""

    def __init__(self) -> None:
        self.bitmaps = bytearray()
        self.lines = [
            '"""Where each glyph is. Made by firmware/tools/make_fonts.py: change that, not this."""',
            "",
            "# fmt: off",
            "#: name -> (height, ascent, runs of neighbouring characters, seven bytes a glyph, start in glyphs.bin).",
            "#: A run is four bytes: the first code (low byte first), how many, the number of the first's glyph.",
            "PAGES = {",
        ]

    def add(self, name: str, height: int, ascent: int, glyphs: dict[str, Glyph]) -> None:
        """Append one page."""
        metrics, runs, start = bytearray(), [], len(self.bitmaps)
        for number, character in enumerate(sorted(glyphs)):
            left, top, width, glyph_height, advance, bitmap = glyphs[character]
            metrics += (len(self.bitmaps) - start).to_bytes(2, "little")
            metrics += bytes((width, glyph_height, left + 128, top, advance))
            self.bitmaps += bitmap
            code = ord(character)
            if runs and sum(runs[-1][:2]) == code:
                runs[-1][1] += 1
            else:
                runs.append([code, 1, number])
        packed = b"".join(first.to_bytes(2, "little") + bytes((count, at)) for first, count, at in runs)
        self.lines.append(f'    "{name}": ({height}, {ascent}, (')
        self.lines.extend(literal(packed))
        self.lines.append("    ), (")
        self.lines.extend(literal(bytes(metrics)))
        self.lines.append(f"    ), {start}),")

    def write(self) -> None:
        """Write both files."""
        (TARGET / "pages.py").write_text("\n".join(self.lines + ["}", ""]))
        (TARGET / "glyphs.bin").write_bytes(self.bitmaps)


def main() -> None:
    """Make every page."""
    directory = Path(sys.argv[1]) if len(sys.argv) > 1 else DEJAVU
    pages = Pages()
    for name, (file, pixels, characters) in FONTS.items():
        font = ImageFont.truetype(directory / file, pixels, layout_engine=ImageFont.Layout.BASIC)
        deepest = max(font.getbbox(character, anchor="ls")[3] for character in characters)
        highest = -min(font.getbbox(character, anchor="ls")[1] for character in characters)
        glyphs = {c: letter(font, c, int(highest)) for c in characters + GROUP_SPACE}
        pages.add(name, int(highest + deepest), int(highest), glyphs)
    for name, size, shapes in (("icons16", 16, SMALL), ("icons32", 32, MEDIUM), ("icons64", 64, LARGE)):
        pages.add(name, size, size, {character: icon(draw, size) for character, draw in shapes.items()})
    pages.write()


if __name__ == "__main__":
    main()

"""Proportional fonts of two bits a pixel; a font is a list of pages, so that a script can be added as one more page.

A page's numbers are in memory (`pages.py`), its bitmaps in `glyphs.bin` beside it, read glyph by glyph while painting:
all of them would take a third of a small board's heap. To add a script, generate its pages and name them here.
"""

from desk.ui.fonts.pages import PAGES

SMALL, BODY, TITLE, FIGURES, LARGE_FIGURES, ICONS, MEDIUM_ICONS, LARGE_ICONS = range(8)

_FALLBACK = 0x25A1  # a hollow square, where a font lacks a character


class Font:
    """Glyphs of one size, looked up by character."""

    __slots__ = ("_pages", "ascent", "height")

    def __init__(self, *names):
        self._pages = tuple([PAGES[name] for name in names])
        self.height = self._pages[0][0]
        self.ascent = self._pages[0][1]

    def _find(self, code):
        """The page of a code and its place in the page's metrics; None where no page has it."""
        for page in self._pages:
            runs = page[2]
            for i in range(0, len(runs), 4):
                nth = code - (runs[i] | runs[i + 1] << 8)
                if 0 <= nth < runs[i + 2]:
                    return page, (runs[i + 3] + nth) * 7
        return None

    def _find_any(self, character):
        """Likewise; where a character is missing, of its capital, or of the fallback, or None."""
        found = self._find(ord(character))
        if found is None and len(character.upper()) == 1:
            found = self._find(ord(character.upper()))
        return found or self._find(_FALLBACK)

    def glyph(self, character):
        """(offset in the bitmaps' file, width, height, left, top, advance) of a character; None for nothing at all."""
        found = self._find_any(character)
        if found is None:
            return None
        (_, _, _, metrics, start), at = found
        offset = start + (metrics[at] | metrics[at + 1] << 8)
        return offset, metrics[at + 2], metrics[at + 3], metrics[at + 4] - 128, metrics[at + 5], metrics[at + 6]

    def advance(self, character):
        """How far the pen moves for a character."""
        found = self._find_any(character)
        return found[0][3][found[1] + 6] if found else 0

    def width(self, text):
        """Pixels a text takes in a row."""
        return sum(self.advance(character) for character in text)


_FONTS = (
    Font("sans16"),
    Font("sans20"),
    Font("bold25"),
    Font("figures36"),
    Font("figures48"),
    Font("icons16"),
    Font("icons32"),
    Font("icons64"),
)


def get(number):
    """The font of that number."""
    return _FONTS[number]


def open_bitmaps():
    """The file of all bitmaps; OSError where it was not installed beside this module."""
    return open(__file__.rsplit("/", 1)[0] + "/glyphs.bin", "rb")

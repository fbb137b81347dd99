"""Proportional fonts of two bits a pixel; a font is a list of pages, so that a script can be added as one more module.

A page is a generated module: RUNS (first code, last code, number of the first's glyph), METRICS (seven bytes a glyph)
and BITMAPS. `load` imports them all, best while the heap is still in one piece. To add a script, generate its pages
and name them here.
"""

SMALL, BODY, TITLE, FIGURES, LARGE_FIGURES, ICONS, MEDIUM_ICONS, LARGE_ICONS = range(8)

_PAGES = (
    ("sans16",),
    ("sans20",),
    ("bold25",),
    ("figures36",),
    ("figures48",),
    ("icons16",),
    ("icons32",),
    ("icons64",),
)

_FALLBACK = "\u25a1"  # a hollow square, where a font lacks a character

_loaded: "list[Font | None]" = [None] * len(_PAGES)


class Font:
    """Glyphs of one size, looked up by character."""

    __slots__ = ("_pages", "ascent", "height")

    def __init__(self, pages):
        self._pages = pages
        self.height = pages[0].HEIGHT
        self.ascent = pages[0].ASCENT

    def _find(self, code):
        """The page and the place in METRICS of a code's glyph; None where no page has it."""
        for page in self._pages:
            for first, last, number in page.RUNS:
                if first <= code <= last:
                    return page, (number + code - first) * 7
        return None

    def find(self, character):
        """The page and place of a character; where it is missing, of its capital, or of the fallback, or None."""
        found = self._find(ord(character))
        if found is None and len(character.upper()) == 1:
            found = self._find(ord(character.upper()))
        return found or self._find(ord(_FALLBACK))

    def advance(self, character):
        """How far the pen moves for a character."""
        found = self.find(character)
        return found[0].METRICS[found[1] + 6] if found else 0

    def width(self, text):
        """Pixels a text takes in a row."""
        return sum(self.advance(character) for character in text)


def get(number):
    """The font of that number."""
    font = _loaded[number]
    if font is None:
        pages = []
        for name in _PAGES[number]:
            package = __import__("desk.ui.fonts." + name, None, None, (name,))
            pages.append(package)
        font = _loaded[number] = Font(pages)
    return font


def load():
    """Import every font."""
    for number in range(len(_PAGES)):
        get(number)

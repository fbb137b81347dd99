"""Paints a view in horizontal bands through one small buffer, and only the bands that changed.

A screen is a pure function from fields to a display list (`desk.ui.screens`). The list's items are tuples that begin
with their kind, left, top, width and height:

    ("fill", x, y, w, h, colour)
    ("round", x, y, w, h, colour, ground)            six pixel corners
    ("text", x, y, w, h, font, colour, ground, text)
    ("qr", x, y, w, h, payload)                      as large as fits, on white, with its quiet zone
"""

# ruff: noqa: FBT002, PLR0917  (what is drawn is named by its place)

import framebuf

from desk.qr import QrError, encode
from desk.ui import colours, fonts
from desk.ui.screens import display_list

QUIET_ZONE = 4  # modules, ISO/IEC 18004
BAND_HEIGHT = 20  # 9,600 bytes for 240 pixels: small beside an ESP32's heap, one SPI transfer
_MAX_PALETTES = 24  # pairs of colours a screen uses, with room
_CORNER = 6
_LARGEST_GLYPH = 64 * 16  # bytes of the largest icon: 64 rows of 64 pixels


class Painter:
    """Draws views; remembers what each band shows.

    Args:
        width, height: of the screen in pixels; the height is a multiple of the band's.
        swap: True puts the high byte of each pixel first, as ILI9341 reads; False is framebuf's own order.
    """

    def __init__(self, width=240, height=320, band_height=BAND_HEIGHT, swap=False):
        self.width = width
        self.height = height
        self.band_height = band_height
        self.swap = swap
        self._bitmaps = fonts.open_bitmaps()
        self._bitmap = bytearray(_LARGEST_GLYPH)
        self._buffer = bytearray(width * band_height * 2)
        self._frame = framebuf.FrameBuffer(self._buffer, width, band_height, framebuf.RGB565)
        self._shown: "list[list[tuple] | None]" = [None] * (height // band_height)
        self._palettes = {}
        self._qr_payload = None
        self._qr_matrix = None

    def forget(self):
        """Paint everything next time: the display was switched on or written by something else."""
        self._shown = [None] * len(self._shown)

    def paint(self, view, flush):
        """Draw a view; `flush(y, height, buffer)` gets each band that differs. Gives the number of bands drawn."""
        items = display_list(view)
        drawn = 0
        for number in range(len(self._shown)):
            top = number * self.band_height
            end = top + self.band_height
            wanted = [item for item in items if item[2] < end and item[2] + item[4] > top]
            if wanted != self._shown[number]:
                self._shown[number] = None  # should drawing or flushing fail
                for item in wanted:
                    self._draw(item, top)
                flush(top, self.band_height, self._buffer)
                self._shown[number] = wanted
                drawn += 1
        return drawn

    def _draw(self, item, top):
        """Draw one item into the band that begins at `top`."""
        kind, x, y, width, height = item[:5]
        y -= top
        if kind == "fill":
            self._frame.fill_rect(x, y, width, height, self._raw(item[5]))
        elif kind == "text":
            self._text(x, y, item[5], self._palette(item[6], item[7]), item[8])
        elif kind == "round":
            self._round(x, y, width, height, item[5], item[6])
        else:
            self._qr(x, y, width, height, item[5])

    def _raw(self, colour):
        """The colour as it stands in the buffer."""
        if self.swap:
            return (colour & 255) << 8 | colour >> 8
        return colour

    def _palette(self, colour, ground):
        """Four steps from the ground to the colour, as a framebuf palette."""
        key = colour << 16 | ground
        palette = self._palettes.get(key)
        if palette is None:
            if len(self._palettes) >= _MAX_PALETTES:
                self._palettes.clear()
            steps = framebuf.FrameBuffer(bytearray(8), 4, 1, framebuf.RGB565)
            for i in range(4):
                steps.pixel(i, 0, self._raw(colours.mix(colour, ground, i, 3)))
            palette = self._palettes[key] = steps
        return palette

    def _text(self, x, y, font_number, palette, text):
        """Draw a row of glyphs; their lightest step is the ground and is left as it is."""
        font = fonts.get(font_number)
        ground = palette.pixel(0, 0)
        for character in text:
            glyph = font.glyph(character)
            if glyph is None:
                continue
            offset, width, height, left, down, advance = glyph
            if width and y + down < self.band_height and y + down + height > 0:
                stride = (width + 3) & ~3
                self._bitmaps.seek(offset)
                self._bitmaps.readinto(memoryview(self._bitmap)[: stride // 4 * height])
                bits = (self._bitmap, width, height, framebuf.GS2_HMSB, stride)
                self._frame.blit(bits, x + left, y + down, ground, palette)  # type: ignore[arg-type]
            x += advance

    def _round(self, x, y, width, height, colour, ground):
        """A rectangle whose corners are quarters of a disc."""
        raw = self._raw(colour)
        self._frame.fill_rect(x + _CORNER, y, width - 2 * _CORNER, height, raw)
        self._frame.fill_rect(x, y + _CORNER, _CORNER, height - 2 * _CORNER, raw)
        self._frame.fill_rect(x + width - _CORNER, y + _CORNER, _CORNER, height - 2 * _CORNER, raw)
        palette = self._palette(colour, ground)
        right = x + width - _CORNER
        low = y + height - _CORNER
        self._text(x, y, fonts.ICONS, palette, "0")
        self._text(right, y, fonts.ICONS, palette, "1")
        self._text(right, low, fonts.ICONS, palette, "2")
        self._text(x, low, fonts.ICONS, palette, "3")

    def _matrix(self, payload, side):
        """The code of a payload, kept for the next band; None where it is too long for a code this terminal shows.

        Level M, or L where M would leave modules of less than three pixels.
        """
        if self._qr_payload != payload:
            matrix = None
            for level in ("M", "L"):
                try:
                    matrix = encode(payload, level)
                except QrError:
                    continue
                if side // (matrix.size + 2 * QUIET_ZONE) >= 3:
                    break
            self._qr_matrix = matrix
            self._qr_payload = payload
        return self._qr_matrix

    def _qr(self, x, y, width, height, payload):
        """The code in the middle of a white box, its modules whole pixels."""
        matrix = self._matrix(payload, min(width, height))
        frame = self._frame
        frame.fill_rect(x, y, width, height, self._raw(colours.WHITE))
        if matrix is None:
            palette = self._palette(colours.REFUSED, colours.WHITE)
            self._text(x + 20, y + height // 2 - 20, fonts.BODY, palette, "The code is too long")
            return
        scale = min(width, height) // (matrix.size + 2 * QUIET_ZONE)
        side = matrix.size * scale
        x += (width - side) // 2
        y += (height - side) // 2
        first = max(0, -y // scale)
        last = min(matrix.size, (self.band_height - y + scale - 1) // scale)
        for row in range(first, last):
            self._qr_row(matrix, row, x, y + row * scale, scale)

    def _qr_row(self, matrix, row, x, y, scale):
        """One row of modules, each run of dark ones as one rectangle."""
        start = None
        for column in range(matrix.size + 1):
            if matrix.get(column, row):
                if start is None:
                    start = column
            elif start is not None:
                self._frame.fill_rect(x + start * scale, y, (column - start) * scale, scale, 0)
                start = None

"""The pixels a terminal has sent: kept as RGB565, shown as images."""

from __future__ import annotations

import io

from PIL import Image

WIDTH = 240
HEIGHT = 320
_ROW_BYTES = WIDTH * 2


class Screen:
    """What the panel shows. Bands land in a back buffer; the end of a frame makes them visible together."""

    def __init__(self) -> None:
        self._back = bytearray(_ROW_BYTES * HEIGHT)
        self._shown = bytes(self._back)
        self.frames = 0

    def band(self, y: int, height: int, pixels: bytes | memoryview) -> None:
        """Take one band of rows; a band outside the panel is an error in the firmware."""
        if y + height > HEIGHT or len(pixels) != height * _ROW_BYTES:
            raise ValueError(
                f"band of {height} rows at {y} with {len(pixels)} bytes is not part of a {WIDTH}x{HEIGHT} panel"
            )
        self._back[y * _ROW_BYTES : (y + height) * _ROW_BYTES] = pixels

    def end(self) -> None:
        """Make the frame visible."""
        self._shown = bytes(self._back)
        self.frames += 1

    def blank(self) -> None:
        """Switch the panel off."""
        self._back = bytearray(_ROW_BYTES * HEIGHT)
        self._shown = bytes(self._back)
        self.frames += 1

    @property
    def pixels(self) -> bytes:
        """The visible frame, little-endian RGB565, row by row."""
        return self._shown

    def image(self, scale: int = 1) -> Image.Image:
        """The visible frame as an RGB image, each pixel a square of `scale`."""
        picture = Image.frombytes("RGB", (WIDTH, HEIGHT), self._shown, "raw", "BGR;16")
        if scale == 1:
            return picture
        return picture.resize((WIDTH * scale, HEIGHT * scale), Image.Resampling.NEAREST)

    def png(self, scale: int = 1) -> bytes:
        """The visible frame as a PNG file; the light compression is for speed on the live page."""
        out = io.BytesIO()
        self.image(scale).save(out, "PNG", compress_level=1)
        return out.getvalue()

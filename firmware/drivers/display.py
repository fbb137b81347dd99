"""ILI9341 display, 240x320, RGB565 over SPI; takes the painter's bands, holds no frame."""

import time

import micropython
from machine import SPI, Pin

from drivers import pins

_SOFT_RESET = 0x01
_SLEEP_OUT = 0x11
_DISPLAY_ON = 0x29
_COLUMNS = 0x2A
_PAGES = 0x2B
_MEMORY_WRITE = 0x2C
_MEMORY_ACCESS = 0x36
_PIXEL_FORMAT = 0x3A
_PORTRAIT_BGR = b"\x48"
_RGB565 = b"\x55"
#: One chunk on its way to the wire: four lines, small beside the band and large enough that SPI set-up is lost in it.
_CHUNK_BYTES = 4 * 240 * 2


@micropython.viper
def _swap_pairs(source: ptr8, offset: int, target: ptr8, length: int):  # noqa: F821
    """Copy `length` bytes from `offset`, each pair turned round: the panel wants the high byte of a pixel first."""
    i = 0
    while i < length:
        target[i] = source[offset + i + 1]
        target[i + 1] = source[offset + i]
        i += 2


class Display:
    """The panel. `blit` sends one band of little-endian RGB565 pixels; `shown` closes the picture."""

    width = 240
    height = 320

    def __init__(self) -> None:
        self._select = Pin(pins.DISPLAY_SELECT, Pin.OUT, value=1)
        self._command = Pin(pins.DISPLAY_COMMAND, Pin.OUT, value=0)
        self._reset = Pin(pins.DISPLAY_RESET, Pin.OUT, value=1)
        self._light = Pin(pins.DISPLAY_LIGHT, Pin.OUT, value=0)
        self._spi = SPI(pins.SPI_ID, baudrate=pins.SPI_BAUD_HZ, sck=Pin(pins.SPI_CLOCK), mosi=Pin(pins.SPI_DATA))
        self._chunk = bytearray(_CHUNK_BYTES)
        self._window = bytearray(4)
        self._start()

    def _start(self) -> None:
        """Reset the panel and bring it up in portrait, 16 bits a pixel."""
        self._reset.value(0)
        time.sleep_ms(20)
        self._reset.value(1)
        time.sleep_ms(120)
        self._write(_SOFT_RESET)
        time.sleep_ms(120)
        self._write(_MEMORY_ACCESS, _PORTRAIT_BGR)
        self._write(_PIXEL_FORMAT, _RGB565)
        self._write(_SLEEP_OUT)
        time.sleep_ms(120)
        self._write(_DISPLAY_ON)
        self._light.value(1)

    def _write(self, command: int, data: bytes | bytearray = b"") -> None:
        """Send one command and its parameters."""
        self._select.value(0)
        self._command.value(0)
        self._spi.write(bytes((command,)))
        if data:
            self._command.value(1)
            self._spi.write(data)
        self._select.value(1)

    def _range(self, command: int, first: int, last: int) -> None:
        """Set the columns or pages that the next pixels fill."""
        self._window[0] = first >> 8
        self._window[1] = first & 0xFF
        self._window[2] = last >> 8
        self._window[3] = last & 0xFF
        self._write(command, self._window)

    def blit(self, y: int, height: int, buf: bytearray | memoryview) -> None:
        """Send `height` lines from line `y`; `buf` holds at least height * 240 * 2 bytes and is left as it was."""
        self._range(_COLUMNS, 0, self.width - 1)
        self._range(_PAGES, y, y + height - 1)
        self._write(_MEMORY_WRITE)
        self._select.value(0)
        self._command.value(1)
        total = height * self.width * 2
        chunk = memoryview(self._chunk)
        for offset in range(0, total, _CHUNK_BYTES):
            length = min(_CHUNK_BYTES, total - offset)
            _swap_pairs(buf, offset, self._chunk, length)  # type: ignore[arg-type]
            self._spi.write(chunk[:length])
        self._select.value(1)

    def shown(self, view: object = None) -> None:
        """The picture of `view` is complete. The panel shows lines as they come: nothing is left to do."""

"""GM65 bar code and QR scanner on a UART: a code is a line, ended by a carriage return."""

import asyncio

from machine import UART

from drivers import pins

#: The module's factory setting.
_BAUD = 9600
#: The longest code a counter scans is an EMVCo payload of some 300 characters; a line without an end is noise.
_MAX_BYTES = 512


class Scanner:
    """The scanner. `get` waits for the next code."""

    def __init__(self) -> None:
        uart = UART(pins.SCANNER_ID, baudrate=_BAUD, rx=pins.SCANNER_RECEIVE, tx=pins.SCANNER_SEND, rxbuf=_MAX_BYTES)
        self._stream = asyncio.StreamReader(uart)

    async def get(self) -> str:
        """The next code, as text; what is not text is dropped."""
        line = bytearray()
        while True:
            byte = await self._stream.read(1)
            if byte not in {b"\r", b"\n"}:
                line += byte
                if len(line) > _MAX_BYTES:
                    line = bytearray()
                continue
            try:
                text = bytes(line).decode().strip()
            except UnicodeError:
                text = ""
            if text:
                return text
            line = bytearray()

"""58 mm receipt printer (ESC/POS) on a UART, without flow control."""

import time

from machine import UART

from drivers import pins

_BAUD = 9600
#: A whole receipt waits here while the printer prints: the desk does not.
_SEND_BYTES = 2048
_ASK_PAPER = b"\x10\x04\x04"  # DLE EOT 4: the roll's sensor
_PAPER_OUT = 0x60
_ANSWER_MS = 60
_STEP_MS = 5


class Printer:
    """The printer. `write` takes a whole receipt."""

    def __init__(self) -> None:
        self._uart = UART(
            pins.PRINTER_ID, baudrate=_BAUD, tx=pins.PRINTER_SEND, rx=pins.PRINTER_RECEIVE, txbuf=_SEND_BYTES
        )

    def write(self, data: bytes) -> None:
        """Begin to print; OSError, in words for the cashier, if the printer cannot."""
        if len(data) > _SEND_BYTES:
            raise OSError("The receipt is too long")
        self._check_paper()
        if self._uart.write(data) != len(data):
            raise OSError("The printer is busy: try again")

    def _check_paper(self) -> None:
        """Ask the printer for its paper; what it said before is dropped."""
        while self._uart.any():
            self._uart.read()
        self._uart.write(_ASK_PAPER)
        for _ in range(_ANSWER_MS // _STEP_MS):
            if self._uart.any():
                break
            time.sleep_ms(_STEP_MS)
        answer = self._uart.read(1)
        if not answer:
            raise OSError("The printer does not answer")
        if answer[0] & _PAPER_OUT:
            raise OSError("The printer has no paper")

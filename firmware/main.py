"""What the board runs after boot: the drivers, the painter and the terminal, put together."""

import gc

# While everything is loaded: collect early and often, so that what stays lies together and large pieces stay free.
gc.threshold(8192)

import asyncio  # noqa: E402
import json  # noqa: E402
import sys  # noqa: E402

from desk.ui.paint import Painter  # noqa: E402
from drivers import board  # noqa: E402
from drivers.buzzer import Buzzer  # noqa: E402
from drivers.display import Display  # noqa: E402
from drivers.keypad import Keypad  # noqa: E402
from drivers.printer import Printer  # noqa: E402
from drivers.scanner import Scanner  # noqa: E402
from shell.terminal import Terminal  # noqa: E402


def screen(display, painter):
    """The function that paints a view on the display."""

    def show(view):
        painter.paint(view, display.blit)
        display.shown(view)

    return show


def main():
    """Read the configuration and run for ever. Without one there is nothing to run: the terminal is not provisioned."""
    folder = board.mount_flash()
    try:
        with open(folder + "/config.json") as file:
            config = json.load(file)
    except OSError:
        board.log("no config.json on the flash: provision the terminal")
        sys.exit(1)
    display = Display()
    parts = {"keypad": Keypad(), "scanner": Scanner(), "buzzer": Buzzer(), "printer": Printer()}
    terminal = Terminal(config, folder, board, screen=screen(display, Painter()), **parts)
    gc.collect()
    gc.threshold(16384)
    asyncio.run(terminal.run())


main()

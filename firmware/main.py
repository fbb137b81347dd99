"""What the board runs after boot: the drivers, the painter and the terminal, put together."""

import asyncio
import gc
import json
import sys

from desk.ui.paint import Painter
from drivers import board
from drivers.buzzer import Buzzer
from drivers.display import Display
from drivers.keypad import Keypad

# The largest sources first: compiling one needs a long free stretch of heap, which is there only at the beginning.
from shell.terminal import Terminal


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
    terminal = Terminal(config, folder, board, screen=screen(display, Painter()), keypad=Keypad(), buzzer=Buzzer())
    gc.collect()
    gc.threshold(gc.mem_alloc() // 8)  # collect before the free heap is in pieces
    asyncio.run(terminal.run())


main()

"""Runs the firmware's main.py as an import: MicroPython puts a script's own folder first, and here that is the stand-ins'."""

import main  # main.py runs when it is imported, as on the board after boot.py

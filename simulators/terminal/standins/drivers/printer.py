"""Printer stand-in: the host gets the bytes and prints them on its own paper."""

import simlink


class Printer:
    """The receipt printer."""

    def write(self, data):
        """Send a whole receipt."""
        simlink.send("P", data)

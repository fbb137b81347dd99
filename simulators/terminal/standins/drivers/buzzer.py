"""Buzzer stand-in: the host hears the name of each tone."""

import simlink


class Buzzer:
    """Plays a tone by its name."""

    def play(self, name):
        """Start a tone and return at once."""
        simlink.send("T", name.encode())

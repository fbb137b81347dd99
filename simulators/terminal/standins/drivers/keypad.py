"""Keypad stand-in: keys come from the host, one at a time."""

import simlink


class Keypad:
    """The 4x4 keypad: 1 2 3 A / 4 5 6 B / 7 8 9 C / * 0 # D."""

    async def get(self):
        """Wait for the next key and return it as one character."""
        return await simlink.next_key()

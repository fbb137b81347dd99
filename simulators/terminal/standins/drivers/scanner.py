"""Scanner stand-in: what the host holds before it comes as one line, like the real module's."""

import simlink


class Scanner:
    """The bar code and QR scanner."""

    async def get(self):
        """Wait for the next code and return its text."""
        return await simlink.next_scan()

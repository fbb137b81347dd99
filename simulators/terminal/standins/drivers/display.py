"""Display stand-in: 240x320 RGB565, sent band by band to the host's window."""

import json

import simlink

WIDTH = 240
HEIGHT = 320


class Display:
    """The panel. Bands come top to bottom; `shown` closes the frame and names the view that was painted."""

    width = WIDTH
    height = HEIGHT

    def blit(self, y, height, buf):
        """Put `height` rows of RGB565 (little-endian) at row y."""
        simlink.send_band(y, height, memoryview(buf)[: WIDTH * height * 2])

    def shown(self, view=None):
        """The frame is complete. The view (screen name, fields) follows it: who has the view has its pixels."""
        simlink.send("E")
        if view is not None:
            simlink.send("V", json.dumps({"screen": view[0], "fields": view[1]}).encode())

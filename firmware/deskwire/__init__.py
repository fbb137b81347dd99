"""The wire between terminal, hub and backend; runs under CPython and MicroPython."""

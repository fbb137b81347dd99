"""Conformance: the same test vectors under CPython and MicroPython, and the documents made from the catalogue."""

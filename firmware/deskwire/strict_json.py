"""JSON as the wire allows it: one text, no duplicate keys, integers only, bounded depth and digits, clean texts.

`loads` gives the same verdict under both interpreters. A host reads with its C scanner and hooks (json_host.py); a
device, whose own decoder is lenient, with the small reader in json_reader.py. Tests hold the two against each other.
"""

from deskwire.primitives import ON_DEVICE

if ON_DEVICE:
    from deskwire.json_reader import dumps, loads
else:
    from deskwire.json_host import dumps, loads

__all__ = ["dumps", "loads"]

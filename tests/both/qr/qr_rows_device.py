"""Run by MicroPython: encode every case of a JSON file with both sets of loops and print what came out, one a line."""

import binascii
import hashlib
import json
import sys

from desk.qr import encode, encoder, kernels_plain, kernels_viper

assert encoder.kernels is kernels_viper

with open(sys.argv[1]) as file:  # noqa: PTH123  (MicroPython has no pathlib)
    cases = json.load(file)
for text, level in cases:
    for loops in (kernels_viper, kernels_plain):
        code = encode(text, level, loops)
        digest = binascii.hexlify(hashlib.sha256(bytes(code.rows)).digest()).decode()
        print(code.version, code.mask, digest)  # noqa: T201  (what the test reads)

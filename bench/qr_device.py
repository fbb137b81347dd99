"""Run by MicroPython: time our QR encoder with both sets of loops.

Arguments: repetitions, then texts. Prints one JSON list: for each text [viper microseconds, plain microseconds].
"""

import json
import sys
import time

from desk.qr import encode, kernels_plain, kernels_viper


def _median_us(text, loops, repetitions):
    """The median time of an encoding, in microseconds."""
    times = []
    for _ in range(repetitions):
        started = time.ticks_us()
        encode(text, "M", loops)
        times.append(time.ticks_diff(time.ticks_us(), started))
    times.sort()
    return times[len(times) // 2]


repetitions = int(sys.argv[1])
print(
    json.dumps(
        [
            [_median_us(text, kernels_viper, repetitions), _median_us(text, kernels_plain, max(1, repetitions // 5))]
            for text in sys.argv[2:]
        ]
    )
)

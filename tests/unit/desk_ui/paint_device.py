"""Run by MicroPython: paint every view of a file (one a line), write its pixels to a folder, report times and heap.

Arguments: the views, the folder, "swap" or "native". Prints one JSON object: name -> [ms, bands], and "heap".
"""

import gc
import json
import sys
import time

from desk import views
from desk.ui.paint import Painter

painter = Painter(swap=sys.argv[3] == "swap")
report = {}
peak = 0
listing = open(sys.argv[1])  # noqa: PTH123, SIM115  (MicroPython has no pathlib)
for line in listing:
    name, screen, fields = json.loads(line)
    fields = {key: tuple(value) if isinstance(value, list) else value for key, value in fields.items()}
    for key, value in (("link", "online"), ("waiting", 0), ("notice", "")):
        fields.setdefault(key, value)
    views.check((screen, fields))
    with open(sys.argv[2] + "/" + name + ".raw", "wb") as out:  # noqa: PTH123
        painter.forget()
        painter.paint((screen, fields), lambda y, height, buffer, out=out: out.write(buffer))
    took = 1 << 30
    for _ in range(3):  # the best of three: other work on the machine is not the painter's
        gc.collect()
        painter.forget()
        started = time.ticks_us()
        bands = painter.paint((screen, fields), lambda y, height, buffer: None)
        took = min(took, time.ticks_diff(time.ticks_us(), started))
    report[name] = [took / 1000, bands, painter.paint((screen, fields), lambda y, height, buffer: None)]
    gc.collect()
    peak = max(peak, gc.mem_alloc())
report["heap"] = [peak, gc.mem_free()]
print(json.dumps(report))  # noqa: T201  (what the test reads)

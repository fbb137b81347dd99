"""Run by MicroPython: what each module named keeps of the heap once it is imported.

Arguments: modules, in the order they are imported. Prints a line "module bytes" for each, then "modules ..." with every
module that is loaded, and "names n" with the names the interpreter has interned for them. With KASSA_SIM_ROM_AT set,
modules come from that ROM, as in a terminal; else they are compiled from source.

The interpreter's table of names doubles when it is full, and whoever adds the one name too many would pay for all. So
it is made large beforehand: a module's figure then depends on that module alone.
"""

import gc
import os
import sys

where = os.getenv("KASSA_SIM_ROM_AT")
if where:
    import uctypes
    import vfs

    address, size = where.split(":")
    vfs.mount(vfs.VfsRom(uctypes.bytearray_at(int(address), int(size))), "/rom")
    sys.path[:] = ["/rom/sim", "/rom", "/rom/lib", ".frozen"]

for number in range(2600):  # more than all of the firmware's, so that the table ends half empty
    exec(f"name{number} = 0", {})

gc.collect()
gc.collect()
before = gc.mem_alloc()
for module in sys.argv[1:]:
    __import__(module)
    gc.collect()
    gc.collect()
    after = gc.mem_alloc()
    print(module, after - before)  # noqa: T201
    before = after
print("modules", *sorted(sys.modules))  # noqa: T201

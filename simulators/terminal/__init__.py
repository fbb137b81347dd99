"""One simulated terminal: the real firmware on a real MicroPython, with stand-ins for the hardware alone."""

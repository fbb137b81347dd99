"""Many light terminals in one process: they speak the wire, and have no screen, keypad or flash."""

"""Stand-ins with the names of the firmware's drivers, for a terminal that is an operating-system process."""

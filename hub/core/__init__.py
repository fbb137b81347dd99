"""The hub's decisions, without any I/O: events go in, commands come out (see machine.TRANSITIONS)."""

"""The terminal's thin shell: performs the core's commands on flash, radio, screen and keys."""

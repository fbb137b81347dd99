"""The parts of the board: display, keypad, buzzer, and the board itself. Stand-ins of the same names run on a host."""

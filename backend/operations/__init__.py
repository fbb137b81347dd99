"""The operations of the money path: what each needs, and what it decides. No I/O, no clock, no randomness."""

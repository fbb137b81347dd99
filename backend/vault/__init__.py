"""The vault: the only host code that sees a key or a clear PIN. Byte strings in, verdicts out."""

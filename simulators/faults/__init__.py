"""Deterministic simulation of the whole chain under faults: real cores, a virtual clock, and a checker of the books."""

"""The links between parts, with switches that break them on purpose."""

"""The terminal's pure core: events in, commands out."""

"""The spool of tells: durable, ordered, bounded. See port.Spool for what every implementation promises."""

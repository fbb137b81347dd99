"""MQTT for the terminal: a codec that does no I/O, and an asyncio client over TCP or TLS."""

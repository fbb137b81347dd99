"""The branch hub: MQTT in, HTTP out, spool; MQTT out."""

"""The broker between terminals and hub: accounts and ACL, Mosquitto's configuration, an embedded one."""

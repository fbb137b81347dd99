"""The database's revisions, and `upgrade`, which brings any database to the newest one."""

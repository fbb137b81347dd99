"""Where money state is kept: a port, its PostgreSQL and in-memory implementations, the embedded server, read models."""

"""What every HTTP edge of the backend shares: problems, bounded bodies, sessions, logs, metrics."""

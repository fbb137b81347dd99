"""What branch hubs call: asks, tells, and the stream of signed news."""

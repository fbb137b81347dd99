"""What happens on each key and event, one file for each thing a cashier does. Handlers return the next state."""

"""The outside world on one HTTP server: billers, bank cards, other wallets, an international system, and their faults."""

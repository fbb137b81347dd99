"""The outside world on one HTTP server: billers, bank cards, other wallets, an international system, with faults."""

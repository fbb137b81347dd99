"""The outside world: one port for other wallets, cards, billers and international systems, and what works behind it."""

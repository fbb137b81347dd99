"""Delivery of what the money path wrote to the outbox: news for terminals, notices for wallets."""

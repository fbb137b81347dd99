"""Plays key-press scripts against the whole chain and checks what the ledger says afterwards."""

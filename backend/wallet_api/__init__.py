"""What a payer's phone calls: sign in, look at a scanned payment, confirm it, see what happened."""

"""The payer's phone: scans the terminal's pixels, shows what would be paid, pays, and hears notices."""

"""The virtual counter: one page with the terminal, the payer's phone, live views and the fault switches."""

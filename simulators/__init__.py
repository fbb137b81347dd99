"""The world without hardware: terminals, counter page, payer's phone, fleet, faults."""

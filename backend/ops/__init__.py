"""What staff see: the read API of the counter page, and the operations page."""

"""Comparisons against peers and limits, one command each, one table out."""

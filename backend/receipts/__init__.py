"""Receipts: what a finished operation says on paper and on its page."""

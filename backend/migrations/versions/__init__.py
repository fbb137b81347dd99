"""One file per revision, in the order they were made."""

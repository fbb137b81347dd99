"""The page behind a payment link: what is asked for, by whom, and whether it is paid. No JavaScript."""

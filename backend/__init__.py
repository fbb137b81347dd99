"""The money: ledger, operations, vault, fleet, dashboard."""

"""Sales as anybody but the money path sees them: read only."""

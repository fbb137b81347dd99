"""Fixtures every test may ask for: a real PostgreSQL, real brokers. Each file of tests/fixtures is a pytest plugin."""

from __future__ import annotations

import sys
from pathlib import Path

FIXTURES = Path(__file__).parent / "fixtures"
sys.path.insert(0, str(FIXTURES))
pytest_plugins = sorted(path.stem for path in FIXTURES.glob("*.py"))

"""Fixtures every test may ask for: a real PostgreSQL, real brokers."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

FIXTURES = Path(__file__).parent / "fixtures"


def _load(name: str) -> None:
    """Import tests/fixtures/<name>.py as the module `fixtures_<name>` so that pytest finds its fixtures."""
    spec = importlib.util.spec_from_file_location(f"fixtures_{name}", FIXTURES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)


FOUND = sorted(path.stem for path in FIXTURES.glob("*.py"))
for found in FOUND:
    _load(found)
pytest_plugins = [f"fixtures_{found}" for found in FOUND]

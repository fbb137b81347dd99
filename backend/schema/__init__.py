"""The database's tables as SQLAlchemy Core metadata: one schema for migrations, read models and seed data."""

from __future__ import annotations

import importlib
import pkgutil

from backend.schema.base import metadata

for _found in pkgutil.iter_modules(__path__):  # every file of this package adds its tables to the metadata
    importlib.import_module(f"{__name__}.{_found.name}")

__all__ = ["metadata"]

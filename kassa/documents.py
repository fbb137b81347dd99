"""`make docs`: writes every generated document and picture again, each by the part that knows it."""

from __future__ import annotations

import importlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
IMAGES = DOCS / "images"
_KASSA = (sys.executable, "-c", "from kassa.cli import main; main()")


def main() -> None:
    """Write them; the first that fails ends with its exit status."""
    IMAGES.mkdir(exist_ok=True)
    _run(*_KASSA, "backend", "openapi", "--output", str(DOCS / "openapi.yaml"))
    _run(*_KASSA, "conform", "documents", str(ROOT))
    (DOCS / "terminal-states.md").write_text(importlib.import_module("desk.diagram").page(), "utf-8")
    with tempfile.TemporaryDirectory(prefix="kassa-docs-") as folder:
        _run(*_KASSA, "story", "--quiet", "--save", folder)
        shutil.copy(Path(folder) / "sheet.png", IMAGES / "screens.png")
    _run(sys.executable, "-m", "simulators.counter.pictures", str(IMAGES))


def _run(*command: str) -> None:
    status = subprocess.run(command, cwd=ROOT, check=False).returncode  # noqa: S603  (our own commands)
    if status:
        sys.exit(status)


if __name__ == "__main__":
    main()

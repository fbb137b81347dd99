"""Where the MicroPython of this installation is, and how a script is run under it with the firmware's modules."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

#: The repository: firmware/ lies beside kassa/.
ROOT = Path(__file__).resolve().parents[2]

#: A MicroPython that runs longer than this hangs: the largest run (every vector) takes about a second.
TIMEOUT_S = 120


def micropython() -> Path | None:
    """The unix port installed beside this Python, else one on PATH, else None."""
    beside = Path(sys.executable).parent / "micropython"
    if beside.exists():
        return beside
    found = shutil.which("micropython")
    return Path(found) if found else None


def run(
    binary: Path,
    arguments: Sequence[str],
    *,
    heap: str = "1M",
    path: Sequence[str] = (),
    standard_input: bytes = b"",
) -> subprocess.CompletedProcess[bytes]:
    """Run MicroPython with `path` and the firmware on MICROPYPATH, from the repository's root; standard output is kept.

    subprocess.TimeoutExpired after TIMEOUT_S.
    """
    places = [*path, str(ROOT / "firmware"), str(ROOT / "firmware" / "lib"), ".frozen"]
    return subprocess.run(  # noqa: S603  (our own interpreter, our own script)
        [str(binary), "-X", f"heapsize={heap}", *arguments],
        input=standard_input,
        capture_output=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "MICROPYPATH": ":".join(places)},
        timeout=TIMEOUT_S,
    )

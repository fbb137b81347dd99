"""deskwire and desk keep to the language that both interpreters have."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

FIRMWARE = Path(__file__).resolve().parents[2] / "firmware"
FILES = sorted([*(FIRMWARE / "deskwire").rglob("*.py"), *(FIRMWARE / "desk").rglob("*.py")])
NOT_ON_THE_DEVICE = {
    *("dataclasses", "enum", "typing", "abc", "functools", "contextlib"),
    *("pathlib", "decimal", "re", "hmac"),
}
NO_KEYWORDS = {"str", "bytes"}
#: The host's side of a port: never imported on the device.
HOST_ONLY = {"primitives_host.py"}


def _guarded(tree: ast.Module) -> set[ast.AST]:
    """Nodes under `if TYPE_CHECKING:`."""
    guarded: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            for child in node.body:
                guarded.update(ast.walk(child))
    return guarded


def _complaint(node: ast.AST) -> str | None:
    if isinstance(node, ast.Match):
        return "match"
    if isinstance(node, ast.Raise) and node.cause is not None and not isinstance(node.cause, ast.Constant):
        return "raise ... from"
    if (
        isinstance(node, ast.ImportFrom)
        and node.module == "typing"
        and [a.name for a in node.names] == ["TYPE_CHECKING"]
    ):
        return None
    if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in NOT_ON_THE_DEVICE:
        return f"from {node.module} import"
    if isinstance(node, ast.Import) and any(a.name.split(".")[0] in NOT_ON_THE_DEVICE for a in node.names):
        return f"import {node.names[0].name}"
    if isinstance(node, ast.FunctionDef) and node.args.posonlyargs:
        return "positional-only arguments"
    if isinstance(node, ast.Attribute) and node.attr.startswith("__") and not node.attr.endswith("__"):
        return f"name mangling of {node.attr}"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in NO_KEYWORDS and node.keywords:
        return f"keyword arguments to {node.func.id}()"
    return None


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(FIRMWARE).as_posix())
def test_a_file_keeps_to_the_subset(path: Path) -> None:
    if path.name in HOST_ONLY:
        return
    tree = ast.parse(path.read_text())
    guarded = _guarded(tree)
    for node in ast.walk(tree):
        complaint = None if node in guarded else _complaint(node)
        where = f"{path.name}:{getattr(node, 'lineno', 0)}"
        assert complaint is None, f"{where}: {complaint} is not in MicroPython's subset"

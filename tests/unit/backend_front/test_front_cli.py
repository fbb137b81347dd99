"""`kassa backend` says what is wrong with its surroundings in a line, without a traceback and without a password."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import yaml
from typer.testing import CliRunner

from backend.cli import openapi_yaml
from kassa.cli import app

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("url", ["no url at all", "postgresql://somebody:not-to-be-said@127.0.0.1:1/kassa"])
@pytest.mark.parametrize("command", [("migrate",), ("seed", "--dev")])
def test_a_database_that_cannot_be_used_is_said_in_a_line(url: str, command: tuple[str, ...], tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["backend", *command, "--state", str(tmp_path), "--database-url", url])
    assert isinstance(done.exception, SystemExit)
    assert done.exit_code == 1
    assert "KASSA_DATABASE_URL" in done.output
    assert "not-to-be-said" not in done.output


def test_a_document_that_cannot_be_written_is_said_in_a_line(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["backend", "openapi", "-o", str(tmp_path / "none" / "openapi.yaml")])
    assert isinstance(done.exception, SystemExit)
    assert done.exit_code == 2


def test_the_document_names_nothing_that_it_does_not_hold() -> None:
    text = openapi_yaml()
    held = yaml.safe_load(text)["components"]["schemas"]
    assert set(re.findall(r"#/components/schemas/(\w+)", text)) <= held.keys()

"""`kassa run` and the folder it is given: what is not its own stays, what it cannot use it says in a line."""

from __future__ import annotations

import asyncio
import stat
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from kassa.cli import app
from simulators.run.options import Options
from simulators.run.session import take_lock
from simulators.run.world import World

if TYPE_CHECKING:
    from pathlib import Path


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["run", "--no-browser", *arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, " ".join(done.output.split())


def test_a_fresh_start_leaves_what_is_not_ours(tmp_path: Path) -> None:
    for name in ("photos", "postgres", "hub"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("x")
    (tmp_path / "letter.txt").write_text("x")
    (tmp_path / "dev.json").write_text("{}")
    asyncio.run(World(Options(state=tmp_path, backend_port=0, fresh=True))._prepare())
    assert {path.name for path in tmp_path.iterdir()} == {"photos", "letter.txt", "logs"}


def test_a_folder_that_was_there_keeps_its_rights_and_a_new_one_is_private(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    asyncio.run(World(Options(state=tmp_path, backend_port=0))._prepare())
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755
    assert stat.S_IMODE((tmp_path / "logs").stat().st_mode) == 0o700
    made = Options(state=tmp_path / "new")
    lock = take_lock(made)
    assert lock is not None
    lock.close()
    assert stat.S_IMODE(made.state.stat().st_mode) == 0o700


@pytest.mark.parametrize("port", ["-1", "65536"])
def test_a_port_that_cannot_be_is_refused(port: str) -> None:
    status, said = run("--port", port)
    assert (status, "--port" in said) == (2, True)


def test_a_folder_that_cannot_be_used_is_said_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for state in (tmp_path / "file", tmp_path / "file" / "below"):
        status, said = run("--state", str(state))
        assert status == 1
        assert "cannot be used" in said
        assert "--state" in said

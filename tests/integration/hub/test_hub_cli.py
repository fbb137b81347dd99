"""`kassa hub serve` refuses bad settings in words that say what to do, and never shows a secret."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


def serve(*options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("KASSA_")}
    command = [sys.executable, "-c", "from kassa.cli import main; main()", "hub", "serve", *options]
    given = {**clean, "KASSA_HUB_ID": "H001", "KASSA_HUB_CREDENTIAL": "a-secret-credential", **environment}
    return subprocess.run(command, env=given, capture_output=True, text=True, timeout=20, check=False)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--id", "h1"], "--id or KASSA_HUB_ID: Value error, must be 4 to 16 of A-Z and 0-9"),
        (["--broker-url", "http://x"], "--broker-url or KASSA_HUB_BROKER_URL: Value error, must be mqtt://host:port"),
        (["--broker-url", "mqtt://u:hidden-word@x:1"], "must not hold credentials"),
        (["--backend-url", "https://x:99999"], "must be http://host:port or https://host:port"),
        (["--http-port", "70000"], "--http-port or KASSA_HUB_HTTP_PORT"),
        (["--mqtt", "carrier-pigeon"], "--mqtt or KASSA_HUB_MQTT: Input should be 'paho' or 'gmqtt'"),
        (["--broker-ca", "/no/such/file"], "there is no file /no/such/file"),
        (["--credential-file", "/no/such/file"], "cannot read /no/such/file"),
        (["--shared-group", "a/b"], "--shared-group or KASSA_HUB_SHARED_GROUP"),
        (["--spool", "/dev/null/spool"], "cannot open the spool /dev/null/spool"),
    ],
)
def test_bad_settings_are_named(options: list[str], says: str, tmp_path: Path) -> None:
    done = serve(*options, KASSA_HUB_SPOOL=str(tmp_path / "spool.sqlite"), KASSA_HUB_HTTP_PORT="0")
    assert done.returncode in (2, 3)
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    for secret in ("a-secret-credential", "hidden-word"):
        assert secret not in done.stderr


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = serve("--http-port", port, "--spool", str(tmp_path / "spool.sqlite"))
    assert done.returncode == 4
    assert f"cannot listen on 127.0.0.1:{port}" in done.stderr
    assert "--http-port" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_id_is_named() -> None:
    done = serve(KASSA_HUB_ID="", KASSA_HUB_CREDENTIAL="")
    assert done.returncode == 2
    assert "KASSA_HUB_ID" in done.stderr
    assert "KASSA_HUB_CREDENTIAL" in done.stderr

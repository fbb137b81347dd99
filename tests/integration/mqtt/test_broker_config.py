"""`kassa broker config`: what it writes makes a Mosquitto that keeps its promises; it never replaces files unasked."""

from __future__ import annotations

import json
import shlex
import socket
import subprocess
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from hub.broker.accounts import Accounts
from kassa.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def kassa(*arguments: Any) -> int:
    """Run the command; its exit status."""
    with pytest.raises(SystemExit) as ended:
        main(["broker", "config", *map(str, arguments)])
    return int(ended.value.code or 0)


def free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        return one.getsockname()[1], two.getsockname()[1]


@pytest.fixture
def configured(tmp_path: Path, capsys: pytest.CaptureFixture[str], mosquitto_broker: Any) -> Iterator[Any]:
    """Mosquitto started with the command that `kassa broker config --tls --mutual` printed."""
    mosquitto_broker.stop()
    port, hub_port = free_ports()
    folder = tmp_path / "made"
    options = ["--tls", "--mutual", "--port", port, "--hub-port", hub_port, "--host", "broker.example"]
    terminals = ["--terminal", "T0000001", "--terminal", "T0000002"]
    assert kassa("--directory", folder, *terminals, *options) == 0
    command = capsys.readouterr().out.rsplit("start it with: ", 1)[1].strip()
    process = subprocess.Popen(shlex.split(command), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(500):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", hub_port)) == 0:
                break
        time.sleep(0.01)
    accounts = Accounts.from_file(folder / "accounts.json")
    yield SimpleNamespace(host="127.0.0.1", port=port, hub_port=hub_port, accounts=accounts, folder=folder)
    process.terminate()
    process.wait(10)


async def test_the_written_configuration_runs(configured: Any, terminal: Any, host_client: Any) -> None:
    hub = host_client(configured, "H001", port=configured.hub_port)
    hub.subscribe("kassa/1/+/ask")
    certificates = configured.folder / "certificates"
    trust = {"ca": str(certificates / "ca.der"), "server_name": "broker.example"}
    stranger = await terminal(configured, "T0000001", **trust)
    assert not (await stranger.event("link"))["up"], "no client certificate was asked for"
    stranger.process.kill()
    own = {name: str(certificates / f"T0000001{end}") for name, end in (("certificate", ".der"), ("key", ".key.der"))}
    till = await terminal(configured, "T0000001", **trust, **own, client_id="H001")
    await till.event("link", up=True)
    await till.publish("one", "kassa/1/T0000001/ask", "over mutual TLS, under a stolen client id")
    assert (await hub.next_async())[1] == "over mutual TLS, under a stolen client id"
    await till.event("published", name="one")
    assert hub.paho.is_connected(), "a terminal took over the hub's session"


def test_no_password_stands_where_it_can_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert kassa("--directory", tmp_path / "made", "--terminal", "T0000001", "--tls") == 0
    said = capsys.readouterr().out
    secrets = [each["password"] for each in json.loads((tmp_path / "made" / "accounts.json").read_text())]
    for path in (tmp_path / "made").rglob("*"):
        if path.is_file() and path.name != "accounts.json":
            assert not any(secret.encode() in path.read_bytes() for secret in secrets), path
        if path.name in {"accounts.json", "passwords", "acl", "ca.key", "server.key"}:
            assert path.stat().st_mode & 0o077 == 0, path
    assert not any(secret in said for secret in secrets)
    assert "password" not in repr(Accounts.from_file(tmp_path / "made" / "accounts.json")["T0000001"])


def test_files_of_an_earlier_run_stay_unless_forced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--directory", tmp_path, "--terminal", "T0000001"]
    assert kassa(*arguments) == 0
    before = (tmp_path / "passwords").read_bytes()
    assert kassa(*arguments) == 2
    assert "--force" in capsys.readouterr().err
    assert (tmp_path / "passwords").read_bytes() == before
    assert kassa(*arguments, "--force") == 0
    assert (tmp_path / "passwords").read_bytes() != before


def test_an_account_list_keeps_the_passwords_it_names(tmp_path: Path) -> None:
    entries = [
        {"user": "T0000001", "role": "terminal", "password": "already in the device"},
        {"user": "H001", "role": "hub"},
    ]
    (tmp_path / "list.json").write_text(json.dumps(entries))
    assert kassa("--directory", tmp_path / "made", "--accounts", tmp_path / "list.json") == 0
    made = Accounts.from_file(tmp_path / "made" / "accounts.json")
    assert made.check("T0000001", "already in the device")
    assert len(made["H001"].password) >= 16


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ([], "--terminal"),
        (["--terminal", "t1"], "[A-Z0-9]"),
        (["--terminal", "T0000001", "--terminal", "T0000001"], "twice"),
        (["--terminal", "T0000001", "--hub", "../x"], "'../x'"),
        (["--terminal", "T0000001", "--address", "0.0.0.0"], "--tls"),
        (["--terminal", "T0000001", "--mutual"], "--tls"),
        (["--terminal", "T0000001", "--port", "1884"], "--hub-port"),
        (["--accounts", "nowhere.json"], "nowhere.json"),
        (["--accounts", "broken.json"], "not JSON"),
        (["--accounts", "list.json"], "entry 1"),
        (["--accounts", "short.json"], "16 or more"),
    ],
)
def test_wrong_input_is_named(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    word: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.json").write_text("[")
    (tmp_path / "list.json").write_text('[{"user": 1, "role": "hub"}]')
    (tmp_path / "short.json").write_text('[{"user": "H001", "role": "hub", "password": "short"}]')
    assert kassa("--directory", tmp_path / "made", *arguments) == 2
    assert word in capsys.readouterr().err
    assert not (tmp_path / "made").exists()

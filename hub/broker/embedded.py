"""A broker of our own for development, tests and `kassa run`: a child process on loopback, Mosquitto or amqtt.

broker = EmbeddedBroker(directory, Accounts.make(["T0000001"], hubs=["H001"]))
broker.start()        # broker.host, broker.port; broker.accounts["T0000001"].password
broker.stop()         # or kill(), which is kill -9; start() again comes back on the same port
"""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import psutil

from hub.broker import mosquitto, pki
from hub.broker.accounts import write_private

if TYPE_CHECKING:
    from hub.broker.accounts import Accounts

Kind = Literal["auto", "mosquitto", "amqtt"]

HOST = "127.0.0.1"
#: amqtt needs 0.7 s on an idle machine; a busy one may be ten times slower.
READY_TIMEOUT_S = 15.0
STOP_TIMEOUT_S = 5.0
#: Another process may take the free port between our look and the broker's bind.
PORT_ATTEMPTS = 5
#: MQTT 3.1.1 CONNECT with a clean session, client id "ready" and no account.
_KNOCK = bytes.fromhex("10110004") + b"MQTT" + bytes.fromhex("0402000a0005") + b"ready"


class BrokerError(RuntimeError):
    """The broker could not be started; the text has the end of its log."""


def mosquitto_program() -> str | None:
    """The path of an installed Mosquitto; Debian keeps it where a user's PATH does not look."""
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin")


class EmbeddedBroker:
    """One broker process with its files in one folder. Not a context of its own: whoever starts it stops it."""

    def __init__(
        self, directory: Path, accounts: Accounts, kind: Kind = "auto", *, tls: bool = False, port: int = 0
    ) -> None:
        self.directory = Path(directory).absolute()
        self.accounts = accounts
        self.kind: Literal["mosquitto", "amqtt"] = _choose(kind)
        self.tls = tls
        self.host = HOST
        self.port = port
        self._files = mosquitto.Files(self.directory)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    @property
    def ca_der(self) -> bytes | None:
        """The CA a terminal has to trust, when TLS is on."""
        return (self._files.certificates / "ca.der").read_bytes() if self.tls else None

    @property
    def ca_pem(self) -> Path | None:
        """The same for hosts, as a file."""
        return self._files.certificates / "ca.pem" if self.tls else None

    @property
    def log(self) -> Path:
        """Where the broker's own output goes."""
        return self.directory / "broker.log"

    def start(self) -> None:
        """Write the files, start the process, return when it answers. Keeps its port over restarts."""
        if self.pid is not None:
            return
        self.directory.mkdir(parents=True, exist_ok=True)
        self.directory.chmod(0o700)
        self._end_leftover()
        if self.tls and not (self._files.certificates / "server.pem").exists():
            pki.write_server(self._files.certificates, ["localhost", HOST])
        attempts = 1 if self.port else PORT_ATTEMPTS
        for attempt in range(attempts):
            port = self.port or _free_port()
            try:
                self._start_on(port)
            except BrokerError:
                self.kill()
                if attempt + 1 == attempts:
                    raise
            else:
                self.port = port
                return

    def stop(self) -> None:
        """End it politely; by force if it does not go."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._gone()

    def kill(self) -> None:
        """End it as kill -9 does: nothing is said to anybody."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._gone()

    def _gone(self) -> None:
        self._process = None
        self._pid_file.unlink(missing_ok=True)

    @property
    def _pid_file(self) -> Path:
        return self.directory / "broker.pid"

    def _start_on(self, port: int) -> None:
        """Start on that port and wait for readiness."""
        command = self._write_mosquitto(port) if self.kind == "mosquitto" else self._write_amqtt(port)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603  (our own command)
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        self._pid_file.write_text(str(self._process.pid))
        self._wait_ready(port)

    def _write_mosquitto(self, port: int) -> list[str]:
        """Configuration, passwords and ACL; the command that uses them."""
        files = self._files
        listener = mosquitto.Listener(port, HOST, tls=self.tls)
        run_as = "root" if os.geteuid() == 0 else None
        files.config.write_text(mosquitto.config_text(files, [listener], run_as=run_as))
        write_private(files.passwords, mosquitto.password_text(self.accounts))
        write_private(files.acl, mosquitto.acl_text(self.accounts))
        return [mosquitto_program() or "mosquitto", "-c", str(files.config)]

    def _write_amqtt(self, port: int) -> list[str]:
        """The account list; the command that uses it."""
        accounts_file = self.directory / "accounts.json"
        self.accounts.to_file(accounts_file)
        command = [sys.executable, "-m", "hub.broker.amqtt_main", f"{HOST}:{port}", str(accounts_file)]
        return [*command, str(self._files.certificates)] if self.tls else command

    def _wait_ready(self, port: int) -> None:
        """Knock without an account until it is refused: then it listens, speaks MQTT and checks accounts."""
        deadline = time.monotonic() + READY_TIMEOUT_S
        while time.monotonic() < deadline:
            if self.pid is None:
                raise BrokerError(f"{self.kind} ended at once: {self._log_tail()}")
            if self._listens(port) and self._refuses_strangers(port):
                return
            time.sleep(0.01)
        raise BrokerError(f"{self.kind} did not answer within {READY_TIMEOUT_S:.0f} s: {self._log_tail()}")

    def _listens(self, port: int) -> bool:
        """Is it our own process that listens there, and not another broker that was there first?"""
        try:
            connections = psutil.Process(self.pid).net_connections("tcp")
        except psutil.Error:
            return False
        return any(each.status == psutil.CONN_LISTEN and each.laddr.port == port for each in connections)

    def _refuses_strangers(self, port: int) -> bool:
        """Does a CONNECT without an account get a refusing CONNACK?"""
        try:
            with socket.create_connection((HOST, port), timeout=2) as plain:
                if not self.tls:
                    return _knock(plain)
                context = ssl.create_default_context(cafile=str(self.ca_pem))
                with context.wrap_socket(plain, server_hostname="localhost") as secure:
                    return _knock(secure)
        except OSError:
            return False

    def _log_tail(self) -> str:
        """The last lines of the broker's log."""
        return " | ".join(self.log.read_text(errors="replace").splitlines()[-3:]) or "its log is empty"

    def _end_leftover(self) -> None:
        """End the broker that an earlier, killed run left in this folder; it would hold the port and old accounts."""
        try:
            process = psutil.Process(int(self._pid_file.read_text()))
            if any(str(self.directory) in part for part in process.cmdline()):
                process.kill()
                process.wait(STOP_TIMEOUT_S)
        except (OSError, ValueError, psutil.Error):
            return


def _choose(kind: Kind) -> Literal["mosquitto", "amqtt"]:
    """Mosquitto where it is installed, unless told."""
    if kind == "auto":
        return "mosquitto" if mosquitto_program() else "amqtt"
    if kind not in {"mosquitto", "amqtt"}:
        raise BrokerError(f"broker kind {kind!r}: use auto, mosquitto or amqtt")
    if kind == "mosquitto" and not mosquitto_program():
        raise BrokerError("Mosquitto is not installed. On Debian: apt-get install mosquitto; or use kind amqtt")
    return kind


def _free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _knock(connection: socket.socket) -> bool:
    """Send a CONNECT without an account; True if the CONNACK refuses it."""
    connection.sendall(_KNOCK)
    answer = connection.recv(4)
    return len(answer) == 4 and answer[0] == 0x20 and answer[3] != 0

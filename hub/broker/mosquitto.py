"""Mosquitto's configuration, password and ACL files as text, made from accounts and rules."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hub.broker.accounts import RULES, Access, Accounts, mosquitto_hash

if TYPE_CHECKING:
    from pathlib import Path

#: The largest envelope of the wire, down; a longer message is nobody's.
MESSAGE_BYTES = 4096
#: A packet is a message, its topic and properties. What is larger ends the connection before it fills memory.
PACKET_BYTES = 8192
#: Unacknowledged towards one client. The hub acknowledges after its spool has committed, about 200 messages at a time:
#: twice that keeps the next batch coming while one commits. Terminals ask for less themselves.
IN_FLIGHT = 400
#: Waiting for one client behind those in flight: the tells of a thousand terminals while their hub restarts (20 MB at
#: 2 KB each). What is over is dropped, and every terminal repeats its tell until the backend has acknowledged it.
QUEUED = 10_000
#: A hub that has not come back for this long has been replaced; its session and queue go.
SESSION_EXPIRY = "7d"


@dataclass(frozen=True, slots=True)
class Listener:
    """One address Mosquitto listens on; `mutual` asks clients for their certificate too."""

    port: int
    address: str = "127.0.0.1"
    tls: bool = False
    mutual: bool = False
    own_ids_only: bool = False


@dataclass(frozen=True, slots=True)
class Files:
    """Where the generated files stand; all in one folder."""

    directory: Path

    @property
    def config(self) -> Path:
        """The configuration that Mosquitto is started with."""
        return self.directory / "mosquitto.conf"

    @property
    def passwords(self) -> Path:
        """Users and hashes."""
        return self.directory / "passwords"

    @property
    def acl(self) -> Path:
        """Who may read and write what."""
        return self.directory / "acl"

    @property
    def certificates(self) -> Path:
        """The CA and the broker's certificate and key."""
        return self.directory / "certificates"


def config_text(files: Files, listeners: list[Listener], *, run_as: str | None = None) -> str:
    """The configuration file. `run_as` is needed when Mosquitto is started by root: else it becomes `mosquitto`."""
    lines = [
        "# Written by `kassa broker config`. Change the command's options and write it again rather than editing.",
        "",
        "# Without this an answer waits 40 ms for the acknowledgement of an earlier segment.",
        "set_tcp_nodelay true",
        "",
        "# Nobody connects without an account, and each account is held to its own topics.",
        "allow_anonymous false",
        f"password_file {files.passwords}",
        f"acl_file {files.acl}",
        "",
        "# Nothing is written to disk. An ask may hold an enciphered PIN block, and Mosquitto's store would keep what",
        "# is in flight at the moment it saves, also for clean sessions. Asks: the hub subscribes to them in a clean",
        "# session, so none is queued while the hub is away. Tells: the hub's persistent session queues them in",
        "# memory; if the broker dies they are gone, and terminals repeat them until the backend has acknowledged.",
        "persistence false",
        f"persistent_client_expiration {SESSION_EXPIRY}",
        "",
        "# Bounds: nothing on the wire is larger than a message; queues hold one branch's work, not more.",
        f"message_size_limit {MESSAGE_BYTES}",
        f"max_packet_size {PACKET_BYTES}",
        f"max_inflight_messages {IN_FLIGHT}",
        f"max_queued_messages {QUEUED}",
        "",
        "log_dest stdout",
        "log_type error",
        "log_type warning",
        "log_type notice",
        "connection_messages false",
    ]
    if run_as:
        lines += [
            "",
            "# Started by root, Mosquitto changes to this user; it must be able to read the files here.",
            f"user {run_as}",
        ]
    for listener in listeners:
        lines += ["", *_listener(files, listener)]
    return "\n".join(lines) + "\n"


def _listener(files: Files, listener: Listener) -> list[str]:
    """The lines of one listener."""
    lines = [f"listener {listener.port} {listener.address}"]
    if listener.own_ids_only:
        lines += [
            "# The client id is the account's name: no terminal can take over the session of another, or of a hub.",
            "use_username_as_clientid true",
        ]
    if listener.tls:
        folder = files.certificates
        lines += [f"certfile {folder / 'server.pem'}", f"keyfile {folder / 'server.key'}", "tls_version tlsv1.2"]
    if listener.mutual:
        lines += [f"cafile {files.certificates / 'ca.pem'}", "require_certificate true"]
    return lines


def password_text(accounts: Accounts) -> str:
    """The password file: hashes only."""
    return "".join(f"{each.user}:{mosquitto_hash(each.password, secrets.token_bytes(12))}\n" for each in accounts)


def acl_text(accounts: Accounts) -> str:
    """The ACL file: a pattern for all terminals, topics by name for hubs and observers."""
    lines = [
        "# Terminals: `%u` is the account's name, which is the terminal's id. A filter without it is for everyone."
    ]
    lines += [f"pattern {access} {topic}" for access, topic in RULES["terminal"]]
    for account in accounts:
        if account.role != "terminal":
            lines += ["", f"user {account.user}"]
            lines += [_line(access, topic.replace("%u", account.user)) for access, topic in RULES[account.role]]
    return "\n".join(lines) + "\n"


def _line(access: Access, topic: str) -> str:
    """One topic of a named user."""
    return f"topic {access} {topic}"

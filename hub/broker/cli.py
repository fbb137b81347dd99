"""`kassa broker`: write a Mosquitto configuration with accounts, ACL and certificates."""

from __future__ import annotations

import os
from pathlib import Path  # noqa: TC003  (Typer reads the annotations)
from typing import Annotated, NoReturn

import typer

from hub.broker import mosquitto, pki
from hub.broker.accounts import Account, Accounts, AccountsError, write_private
from hub.broker.embedded import mosquitto_program
from hub.broker.mosquitto import Files, Listener

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Write a Mosquitto configuration: TLS, accounts, ACL."
)

#: IANA's ports: MQTT, and MQTT over TLS.
PLAIN_PORT, TLS_PORT = 1883, 8883


@app.callback()
def broker() -> None:
    """Write a Mosquitto configuration: TLS, accounts, ACL."""


@app.command()
def config(
    directory: Annotated[Path, typer.Option(help="Where the files go; made if it is not there.")],
    terminal: Annotated[list[str] | None, typer.Option(help="A terminal's id; repeat for more.")] = None,
    accounts: Annotated[Path | None, typer.Option(help="A JSON list of {user, role, password} instead.")] = None,
    hub: Annotated[list[str] | None, typer.Option(help="A hub's id; repeat for more (default H001).")] = None,
    observer: Annotated[list[str] | None, typer.Option(help="A user that may read everything.")] = None,
    *,
    address: Annotated[str, typer.Option(help="Where terminals connect: 0.0.0.0 is the whole network.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port for terminals (default 1883, with TLS 8883).")] = 0,
    hub_port: Annotated[int, typer.Option(min=1, max=65535, help="Port for hubs, always on loopback.")] = 1884,
    tls: Annotated[bool, typer.Option("--tls", help="Make a CA and a certificate; terminals use TLS.")] = False,
    mutual: Annotated[bool, typer.Option("--mutual", help="Terminals also need a certificate of that CA.")] = False,
    host: Annotated[list[str] | None, typer.Option(help="A name or address for the certificate; repeat.")] = None,
    user: Annotated[str | None, typer.Option(help="Whom Mosquitto runs as when root starts it.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files of an earlier run.")] = False,
) -> None:
    """Write mosquitto.conf, passwords, acl, accounts.json and, with --tls, certificates into one folder."""
    if address not in {"127.0.0.1", "::1", "localhost"} and not tls:
        _refuse(f"terminals on {address} without --tls would send their passwords in clear: add --tls")
    if mutual and not tls:
        _refuse("--mutual needs --tls")
    if bool(terminal) == bool(accounts):
        _refuse("name the accounts: either --terminal, once for each, or --accounts FILE")
    try:
        listed = Accounts.from_file(accounts) if accounts else _make(terminal or [], hub, observer)
    except AccountsError as error:
        _refuse(str(error))
    port = port or (TLS_PORT if tls else PLAIN_PORT)
    if port == hub_port:
        _refuse(f"terminals and hubs cannot share port {port}: give another --port or --hub-port")
    terminals = Listener(port, address, tls=tls, mutual=mutual, own_ids_only=True)
    files = Files(directory.absolute())
    _clear(files, tls=tls, force=force)
    try:
        written = _write(files, listed, [terminals, Listener(hub_port)], user=user, hosts=[*(host or []), "localhost"])
    except OSError as error:
        _refuse(f"cannot write to {files.directory}: {error.strerror}")
    _report(files, listed, written, terminals, hub_port)


def _make(terminals: list[str], hubs: list[str] | None, observers: list[str] | None) -> Accounts:
    """Fresh accounts from the command line's names."""
    return Accounts.make(terminals, hubs=hubs or ["H001"], observers=observers or [])


def _clear(files: Files, *, tls: bool, force: bool) -> None:
    """Refuse to replace anything unless told."""
    targets = [files.config, files.passwords, files.acl, _clear_accounts(files)]
    targets += [files.certificates / "ca.key"] if tls else []
    standing = [path.name for path in targets if path.exists()]
    if standing and not force:
        _refuse(
            f"{files.directory} holds {', '.join(standing)} already. New passwords and certificates would lock out the "
            "terminals that have the old ones; use --force to replace them"
        )


def _clear_accounts(files: Files) -> Path:
    """The list with the passwords in clear, for provisioning."""
    return files.directory / "accounts.json"


def _write(
    files: Files, accounts: Accounts, listeners: list[Listener], *, user: str | None, hosts: list[str]
) -> list[Path]:
    """Write everything; the paths in the order a person wants to read them."""
    files.directory.mkdir(parents=True, exist_ok=True)
    run_as = user or ("root" if os.geteuid() == 0 else None)
    files.config.write_text(mosquitto.config_text(files, listeners, run_as=run_as))
    write_private(files.passwords, mosquitto.password_text(accounts))
    write_private(files.acl, mosquitto.acl_text(accounts))
    accounts.to_file(_clear_accounts(files))
    written = [files.config, files.passwords, files.acl, _clear_accounts(files)]
    if any(listener.tls for listener in listeners):
        addresses = [each.address for each in listeners if each.address not in {"0.0.0.0", "::", "localhost"}]  # noqa: S104
        authority = pki.write_server(files.certificates, list(dict.fromkeys([*hosts, *addresses])))
        written += [files.certificates / name for name in ("ca.pem", "ca.der", "ca.key", "server.pem", "server.key")]
        if any(listener.mutual for listener in listeners):
            written += [pki.write_client(files.certificates, authority, each.user) for each in _terminals(accounts)]
    return written


def _terminals(accounts: Accounts) -> list[Account]:
    """The accounts that are terminals."""
    return [each for each in accounts if each.role == "terminal"]


def _report(files: Files, accounts: Accounts, written: list[Path], terminals: Listener, hub_port: int) -> None:
    """Say what was written, what each is for, and how to start the broker."""
    purposes = {
        "accounts.json": "passwords in clear, for provisioning: keep it away from the broker afterwards",
        "ca.der": "goes into the terminals",
        "ca.key": "issues certificates: keep it off this machine",
    }
    for path in written:
        note = purposes.get(path.name)
        typer.echo(f"wrote {path}" + (f"  ({note})" if note else ""))
    names = ", ".join(
        f"{sum(each.role == role for each in accounts)} {role}" for role in ("terminal", "hub", "observer")
    )
    typer.echo(f"accounts: {names}")
    secure = " with TLS" if terminals.tls else ""
    typer.echo(f"terminals connect to {terminals.address}:{terminals.port}{secure}, hubs to 127.0.0.1:{hub_port}")
    program = mosquitto_program()
    typer.echo(f"start it with: {program or 'mosquitto'} -c {files.config}")
    if program is None:
        typer.echo("Mosquitto is not installed here. On Debian: apt-get install mosquitto")


def _refuse(reason: str) -> NoReturn:
    """End with the reason on standard error."""
    typer.echo(f"kassa broker config: {reason}", err=True)
    raise SystemExit(2)

"""`kassa hub`: serve a branch hub."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Serve a branch hub.")

Text = str | None
File = Path | None


@app.callback()
def main() -> None:
    """Serve a branch hub. Every option can also be set as KASSA_HUB_<NAME>."""


@app.command()
def serve(  # noqa: PLR0917  (options, given by name)
    hub_id: Annotated[Text, typer.Option("--id", help="The hub's id, as the backend knows it.")] = None,
    credential_file: Annotated[
        File, typer.Option(help="File with the backend's credential for this hub (or KASSA_HUB_CREDENTIAL).")
    ] = None,
    broker_url: Annotated[Text, typer.Option(help="mqtt://host:port, or mqtts://host:port for TLS.")] = None,
    broker_user: Annotated[Text, typer.Option(help="Account on the broker.")] = None,
    broker_password_file: Annotated[
        File, typer.Option(help="File with its password (or KASSA_HUB_BROKER_PASSWORD).")
    ] = None,
    broker_ca: Annotated[File, typer.Option(help="PEM file of the broker's certificate authority.")] = None,
    backend_url: Annotated[Text, typer.Option(help="http://host:port or https://host:port.")] = None,
    backend_ca: Annotated[File, typer.Option(help="PEM file of the backend's certificate authority.")] = None,
    spool: Annotated[File, typer.Option(help="The spool's file; made when missing.")] = None,
    spool_max: Annotated[int | None, typer.Option(help="The most tells the spool holds.")] = None,
    http_host: Annotated[Text, typer.Option(help="Where /health, /metrics and /spool listen.")] = None,
    http_port: Annotated[int | None, typer.Option(help="Their port; 0 picks a free one.")] = None,
    mqtt: Annotated[Text, typer.Option(help="The MQTT client library: paho or gmqtt.")] = None,
    shared_group: Annotated[Text, typer.Option(help="Share the terminals with the hubs of this group.")] = None,
    log_level: Annotated[Text, typer.Option(help="debug, info, warning or error.")] = None,
) -> None:
    """Serve until SIGTERM or Ctrl-C: asks in memory, tells through the spool, news from the backend's stream."""
    given = {
        "id": hub_id,
        "credential": _secret(credential_file),
        "broker_url": broker_url,
        "broker_user": broker_user,
        "broker_password": _secret(broker_password_file),
        "broker_ca": broker_ca,
        "backend_url": backend_url,
        "backend_ca": backend_ca,
        "spool": spool,
        "spool_max": spool_max,
        "http_host": http_host,
        "http_port": http_port,
        "mqtt": mqtt,
        "shared_group": shared_group,
        "log_level": log_level,
    }
    _serve({name: value for name, value in given.items() if value is not None})


def _secret(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as problem:
        typer.echo(f"kassa hub: cannot read {path}: {problem}", err=True)
        raise SystemExit(2) from problem


def _serve(given: dict[str, object]) -> None:
    from pydantic import ValidationError  # noqa: PLC0415  (kept out of `--help`)

    from hub.settings import HubSettings  # noqa: PLC0415

    try:
        settings = HubSettings(**given)  # type: ignore[arg-type]  # pydantic checks them
    except ValidationError as problem:
        for error in problem.errors(include_url=False, include_input=False):
            name = "_".join(str(part) for part in error["loc"]) or "settings"
            option = f"--{name.replace('_', '-')} or KASSA_HUB_{name.upper()}"
            typer.echo(f"kassa hub: {option}: {error['msg']}", err=True)
        raise SystemExit(2) from None
    _run(settings)


def _run(settings: object) -> None:
    import ssl  # noqa: PLC0415

    import uvloop  # noqa: PLC0415

    from hub.http_server import ListenError  # noqa: PLC0415
    from hub.logs import configure  # noqa: PLC0415
    from hub.serve import serve as serve_hub  # noqa: PLC0415
    from hub.settings import HubSettings  # noqa: PLC0415
    from hub.spool.port import SpoolError  # noqa: PLC0415

    if not isinstance(settings, HubSettings):
        raise TypeError("settings must be HubSettings")
    configure(settings.log_level)
    try:
        uvloop.run(serve_hub(settings))
    except SpoolError as problem:
        typer.echo(f"kassa hub: {problem}. Check the path and its permissions, or give another --spool", err=True)
        raise SystemExit(3) from problem
    except ssl.SSLError as problem:
        typer.echo(f"kassa hub: not a usable certificate authority file: {problem}", err=True)
        raise SystemExit(2) from problem
    except ListenError as problem:
        typer.echo(f"kassa hub: {problem}. Give another --http-port (0 picks a free one)", err=True)
        raise SystemExit(4) from problem

"""Puts a hub together from its settings."""

from __future__ import annotations

import dataclasses
import gc
import signal
from typing import TYPE_CHECKING, Final

from deskwire import topics
from hub.app import App, run_until_signalled
from hub.backend_client import BackendClient
from hub.broker_client import tls_context
from hub.broker_port import LinkOptions, Will
from hub.core.limits import LIMITS
from hub.spool.sqlite import open_or_replace

if TYPE_CHECKING:
    from hub.broker_port import MakeLink
    from hub.settings import HubSettings


#: Messages on their way are short-lived and in no cycle: the default, 700, looks for cycles a hundred times a second.
GC_THRESHOLD: Final = 20_000


def make_link_of(name: str) -> MakeLink:
    """The adapter of that name: paho or gmqtt. Only that library is imported."""
    if name == "gmqtt":
        from hub.broker_client_gmqtt import GmqttLink  # noqa: PLC0415  (only where it is wanted)

        return GmqttLink
    from hub.broker_client import PahoLink  # noqa: PLC0415

    return PahoLink


def link_options(settings: HubSettings) -> tuple[LinkOptions, LinkOptions]:
    """The connection for asks and publishing (clean, with the will), and the one for tells (persistent)."""
    host, port = settings.broker_address
    prefix = f"$share/{settings.shared_group}/" if settings.shared_group else ""
    password = settings.broker_password.get_secret_value() if settings.broker_password else None
    asks = LinkOptions(
        host=host,
        port=port,
        client_id=f"kassa-hub-{settings.id}-asks",
        username=settings.broker_user,
        password=password,
        tls=tls_context(str(settings.broker_ca) if settings.broker_ca else None) if settings.broker_tls else None,
        clean=True,
        manual_ack=False,
        subscriptions=(f"{prefix}kassa/1/+/ask",),
        will=Will(topics.hub_state(settings.id), b'{"up": false}'),
    )
    tells = dataclasses.replace(
        asks,
        client_id=f"kassa-hub-{settings.id}-tells",
        clean=False,
        manual_ack=True,
        subscriptions=(f"{prefix}kassa/1/+/tell",),
        will=None,
    )
    return asks, tells


async def serve(settings: HubSettings) -> None:
    """Run a hub until SIGTERM or SIGINT. Raises SpoolError or ListenError when it cannot start."""
    asks, tells = link_options(settings)
    tls = tls_context(str(settings.backend_ca) if settings.backend_ca else None) if settings.backend_tls else None
    app = App(
        hub_id=settings.id,
        make_link=make_link_of(settings.mqtt),
        asks_link=asks,
        tells_link=tells,
        backend=BackendClient(settings.backend_url, settings.credential.get_secret_value(), tls),
        open_spool=lambda: open_or_replace(settings.spool, settings.spool_max),
        limits=dataclasses.replace(LIMITS, tells_pending=settings.spool_max),
    )
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD)
    await run_until_signalled(app, settings.http_host, settings.http_port, (signal.SIGTERM, signal.SIGINT))

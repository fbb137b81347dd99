"""The backend's web application: routes on the outside, the composition within its lifespan."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

import asyncpg
from fastapi import FastAPI
from starlette.routing import Route

from backend.composition import Backend, running
from backend.hub_api.routes import routes as hub_routes
from backend.ops.care_page import routes as customers_routes
from backend.ops.care_routes import router as care_router
from backend.ops.login import routes as login_routes
from backend.ops.outlet import router as outlet_router
from backend.ops.routes import open_router, router
from backend.pay_page.routes import routes as pay_routes
from backend.rails.inbound import router as rails_router
from backend.receipts.routes import routes as receipt_routes
from backend.settings import Settings
from backend.store.embedded import EmbeddedPostgresError
from backend.store.port import StoreError
from backend.vault.port import VaultError
from backend.wallet_api.moves import router as moves_router
from backend.wallet_api.pins import router as pin_router
from backend.wallet_api.rails import router as wallet_rails_router
from backend.wallet_api.routes import router as wallet_router
from backend.web import problems
from backend.web.clock import system_clock
from backend.web.edge import Edge
from backend.web.health import health_routes
from backend.web.openapi import document

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.responses import Response

    from backend.web.clock import Clock

DESCRIPTION = """
The money side of Kassa: what branch hubs, payers' wallets and staff call. Every error is problem JSON:
`{"error", "text", "what_to_do"}`. Amounts are integers of minor units with their ISO 4217 code, times epoch seconds.
"""


#: What opening a database and a vault raises for reasons outside this program.
CANNOT_USE: Final = (
    VaultError,
    EmbeddedPostgresError,
    StoreError,
    asyncpg.PostgresError,
    OSError,
    ValueError,
)


async def _metrics(request: Request) -> Response:
    backend: Backend = request.state.backend
    return await backend.metrics.endpoint(request)


def why_not(error: Exception) -> str:
    """What a person who started the process must know and do."""
    if isinstance(error, asyncpg.UndefinedTableError):
        return "The database has no tables yet: run `kassa backend migrate`."
    if isinstance(error, VaultError | EmbeddedPostgresError):
        return str(error)
    return f"The database cannot be used ({type(error).__name__}: {error}): check KASSA_DATABASE_URL."


def create_app(settings: Settings | None = None, *, clock: Clock = system_clock) -> FastAPI:
    """The application; its parts are made when its lifespan begins."""
    settings = settings or Settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
        async with AsyncExitStack() as stack:
            try:
                backend = await stack.enter_async_context(running(settings, clock=clock))
            except CANNOT_USE as error:
                app.state.cannot_start = why_not(error)
                raise
            app.state.backend = backend
            yield {"backend": backend}

    app = FastAPI(
        title="Kassa backend",
        version="1",
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,  # both pages would load scripts of strangers into the origin that staff and payers trust
    )
    problems.install(app)
    app.router.routes.extend(hub_routes())
    app.include_router(wallet_router)
    app.include_router(pin_router)
    app.include_router(moves_router)
    app.include_router(wallet_rails_router)
    app.include_router(rails_router)
    app.include_router(open_router)
    app.include_router(router)
    app.include_router(outlet_router)
    app.include_router(care_router)
    app.router.routes.extend([*login_routes(), *customers_routes()])
    app.router.routes.extend(
        [*pay_routes(), *receipt_routes(), *health_routes(), Route("/metrics", _metrics, methods=["GET"])]
    )
    app.__dict__["openapi"] = lambda: document(app)
    app.add_middleware(Edge)
    if settings.ops_page:
        from backend.ops.page import mount  # noqa: PLC0415  (NiceGUI is heavy: only where the page is served)

        mount(app, https=settings.https)
    return app

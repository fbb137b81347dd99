"""GET /p/<sale>: a page for a stranger's old phone, rendered here, without JavaScript."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.responses import HTMLResponse
from starlette.routing import Route

from backend.sales.read import find_sale
from deskwire import ids
from deskwire.money import format_minor

if TYPE_CHECKING:
    import asyncpg
    from starlette.requests import Request
    from starlette.responses import Response

    from backend.web.clock import Clock

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
#: An open page looks again by itself after this time.
REFRESH_S = 5

_pages = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class PayPage:
    """Renders the page of one sale."""

    def __init__(self, pool: asyncpg.Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock

    async def show(self, sale: str) -> Response:
        """The sale's page, or a page that says there is no such sale (404)."""
        now = self._clock()
        found = await find_sale(self._pool, sale, now) if ids.is_id(sale) else None
        if found is None:
            return HTMLResponse(_pages.get_template("unknown.html").render(), 404, headers=HEADERS)
        text = _pages.get_template("sale.html").render(
            sale=found,
            amount=format_minor(found.amount_minor, found.currency),
            left_s=max(0, found.expires_at - now),
            closed=datetime.fromtimestamp(found.closed_at, UTC).strftime("%Y-%m-%d %H:%M UTC"),
            refresh_s=REFRESH_S,
        )
        return HTMLResponse(text, headers=HEADERS)


def routes() -> list[Route]:
    """The page's route."""

    async def show(request: Request) -> Response:
        page: PayPage = request.state.backend.pay_page
        return await page.show(request.path_params["sale"])

    return [Route("/p/{sale}", show, methods=["GET"])]

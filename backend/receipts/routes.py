"""GET /r/<operation>: the receipt as a page that any phone shows and any printer prints, without JavaScript."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup
from starlette.responses import HTMLResponse
from starlette.routing import Route

from backend.pay_page.routes import HEADERS
from backend.receipts import read
from backend.receipts.content import receipt_of
from deskwire import ids

if TYPE_CHECKING:
    import asyncpg
    from starlette.requests import Request
    from starlette.responses import Response

_pages = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class ReceiptPage:
    """Renders receipts. `acquirer` is the operator of this system, named on each."""

    def __init__(self, pool: asyncpg.Pool, acquirer: str, base_url: str) -> None:
        self._pool = pool
        self._acquirer = acquirer
        self._base_url = base_url

    async def show(self, operation: str) -> Response:
        """The receipt's page, or a page that says there is none (404)."""
        found = await read.find(self._pool, operation, self._acquirer) if ids.is_id(operation) else None
        receipt = receipt_of(*found, self._base_url) if found is not None else None
        if receipt is None:
            return HTMLResponse(_pages.get_template("none.html").render(), 404, headers=HEADERS)
        code = segno.make(receipt.link, error="m", micro=False).svg_inline(scale=4, border=4)
        text = _pages.get_template("receipt.html").render(receipt=receipt, code=Markup(code))  # noqa: S704  (segno's)
        return HTMLResponse(text, headers=HEADERS)


def routes() -> list[Route]:
    """The page's route."""

    async def show(request: Request) -> Response:
        page: ReceiptPage = request.state.backend.receipt_page
        return await page.show(request.path_params["operation"])

    return [Route("/r/{operation}", show, methods=["GET"])]

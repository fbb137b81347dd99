"""The customers page: search, freeze, proposals and the audit log, as plain forms under the staff cookie."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode

from pydantic import ValidationError
from starlette.responses import HTMLResponse, RedirectResponse
from starlette.routing import Route

from backend.ops import care, markup
from backend.ops.care_models import Freeze, NewProposal
from backend.ops.login import HEADERS, MAX_FORM_BYTES, PATH, pages, refuse_other_origins
from backend.web.bodies import read_body
from backend.web.clock import SystemFresh
from backend.web.problems import Problem

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from backend.ops.routes import OpsApi

#: Rows of each table: what a person looks over; the API gives more.
MAX_ROWS = 50
MIN_QUERY = 2


async def show(request: Request) -> Response:
    """GET /ops/customers?q=..."""
    session = await request.state.backend.staff_door.session(request)
    if session is None:
        return RedirectResponse(f"{PATH}/login", 303)
    return await _page(request, session.name, request.query_params.get("q", "")[:64])


async def act(request: Request) -> Response:
    """POST /ops/customers: one button of the page; then the page again, or with what was wrong."""
    refuse_other_origins(request)
    session = await request.state.backend.staff_door.session(request)
    if session is None:
        return RedirectResponse(f"{PATH}/login", 303)
    sent = parse_qs((await read_body(request, MAX_FORM_BYTES)).decode("utf-8", "replace"), max_num_fields=8)
    form = {name: values[0] for name, values in sent.items()}
    query = form.get("q", "")[:64]
    try:
        await _carry_out(request.state.backend.ops_api, session.name, form)
    except ValidationError as error:
        return await _page(request, session.name, query, f"reason: {error.errors()[0]['msg']}", 422)
    except Problem as problem:
        return await _page(request, session.name, query, problem.text, problem.status)
    return RedirectResponse(f"{PATH}/customers?{urlencode({'q': query})}", 303)


async def _carry_out(api: OpsApi, who: str, form: dict[str, str]) -> None:
    """Do what the button says; only for admins."""
    await care.require_admin(api.pool, who)
    wanted, wallet, reason, now = form.get("do"), form.get("wallet", ""), form.get("reason", ""), api.clock()
    if wanted == "freeze":
        await care.freeze(api.pool, wallet, Freeze(reason=reason).reason, who, now)
    elif wanted == "unfreeze":
        asked = NewProposal(kind="wallet.unfreeze", wallet=wallet, reason=reason)
        await care.propose(api.pool, asked, SystemFresh().id(), who, now)
    elif wanted in {"confirm", "reject"}:
        await care.decide(api.pool, form.get("proposal", ""), who, now, confirm=wanted == "confirm")
    else:
        raise Problem("invalid", "The form has no such button.", field="do")


async def _page(request: Request, login: str, query: str, wrong: str = "", status: int = 200) -> Response:
    pool = request.state.backend.ops_api.pool
    text = pages.get_template("customers.html").render(
        login=login,
        query=query,
        wrong=wrong,
        customers=await care.search(pool, query, MAX_ROWS) if len(query) >= MIN_QUERY else [],
        proposals=await care.proposals(pool, "open", MAX_ROWS),
        audit=await care.audit(pool, subject="", who="", before=2**63 - 1, limit=MAX_ROWS),
        money=markup.money,
        clock=markup.clock,
    )
    return HTMLResponse(text, status, headers=HEADERS)


def routes() -> list[Route]:
    """The page's routes; they stand before the operations page's mount."""
    path = f"{PATH}/customers"
    return [Route(path, show, methods=["GET"]), Route(path, act, methods=["POST"])]

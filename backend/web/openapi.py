"""The OpenAPI document: what FastAPI derives, and the hot routes that are parsed by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi.openapi.utils import get_openapi

from backend.web.problems import PROBLEMS

if TYPE_CHECKING:
    from fastapi import FastAPI

_ID = {"type": "string", "pattern": "^[0-7][0-9A-HJKMNP-TV-Z]{25}$"}
_PROBLEM = {"$ref": "#/components/schemas/Problem"}
_ITEM = {
    "type": "object",
    "required": ["terminal", "received_at", "jws"],
    "properties": {
        "terminal": {"type": "string", "description": "The terminal whose topic the message came on."},
        "received_at": {"type": "integer", "description": "When the hub received it, epoch milliseconds."},
        "jws": {"type": "string", "maxLength": 2048, "description": "The signed envelope, as received."},
    },
}
_ANSWER = {
    "type": "object",
    "required": ["terminal"],
    "description": "Either a signed envelope for the terminal, or an error of this item alone.",
    "properties": {
        "terminal": {"type": "string"},
        "jws": {"type": "string", "maxLength": 4096},
        "error": {"type": "string", "description": "A refusal reason of the wire, or wrong_hub."},
        "transient": {"type": "boolean", "description": "Whether the same item may be sent again."},
    },
}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def problem(status: int, text: str) -> dict[int | str, Any]:
    """A documented problem, as an entry of `responses`."""
    return {str(status): {"description": text, "content": {"application/problem+json": {"schema": _PROBLEM}}}}


def _batch(kind: str, summary: str) -> dict[str, Any]:
    items = {"type": "array", "maxItems": 200, "items": {"$ref": "#/components/schemas/HubItem"}}
    answers = {"type": "array", "items": {"$ref": "#/components/schemas/HubAnswer"}}
    return {
        "post": {
            "tags": ["hub"],
            "summary": summary,
            "operationId": f"hub_{kind}",
            "security": [{"bearer": []}],
            "requestBody": {
                "required": True,
                "content": _json({"type": "object", "required": ["items"], "properties": {"items": items}}),
            },
            "responses": {
                "200": {
                    "description": "One answer for each item, in the same order.",
                    "content": _json({"type": "object", "required": ["items"], "properties": {"items": answers}}),
                },
                **problem(400, "The body is not UTF-8, or not one JSON object."),
                **problem(401, "The hub's credential is unknown or revoked."),
                **problem(408, "The body did not come in time."),
                **problem(413, "More than 200 items or 1 MiB."),
                **problem(415, "The body is not announced as application/json."),
                **problem(422, "There is no list of items."),
                **problem(503, "The database does not answer; send the same request again."),
            },
        }
    }


def _get(tag: str, name: str, summary: str, media: str, **more: Any) -> dict[str, Any]:
    described = {"description": summary, "content": {media: {"schema": {"type": "string"}}}}
    operation: dict[str, Any] = {"tags": [tag], "summary": summary, "operationId": name}
    return {"get": {**operation, "responses": {"200": described, **more.pop("responses", {})}, **more}}


def _hand_made() -> dict[str, Any]:
    """Paths that FastAPI does not see."""
    secured: dict[str, Any] = {
        "security": [{"bearer": []}],
        "responses": problem(401, "The hub's credential is unknown or revoked."),
    }
    after = {"name": "after", "in": "query", "schema": {"type": "string"}, "description": "The last event's id."}
    sale = {"name": "sale", "in": "path", "required": True, "schema": _ID}
    down = problem(503, "The database does not answer.")
    return {
        "/v1/hub/asks": _batch("asks", "Asks of terminals: answered at once, or dropped"),
        "/v1/hub/tells": _batch("tells", "Tells of terminals: kept by the hub until they are acknowledged here"),
        "/v1/hub/outbox": _get(
            "hub", "hub_outbox", "Signed news as server-sent events", "text/event-stream", parameters=[after], **secured
        ),
        "/v1/hub/health": _get(
            "hub",
            "hub_health",
            "Whether the database answers",
            "application/json",
            security=[{"bearer": []}],
            responses={**problem(401, "The hub's credential is unknown or revoked."), **down},
        ),
        "/p/{sale}": _get(
            "payer",
            "pay_page",
            "The page behind a payment link",
            "text/html",
            parameters=[sale],
            responses={"404": {"description": "There is no such sale.", "content": {"text/html": {}}}},
        ),
        "/health": _get("process", "health", "Whether the process can work", "application/json", responses=down),
        "/health/live": _get("process", "live", "Whether the process is up", "application/json"),
        "/metrics": _get("process", "metrics", "Prometheus metrics", "text/plain"),
    }


def document(app: FastAPI) -> dict[str, Any]:
    """The whole document, the same in every process."""
    if app.openapi_schema:
        return app.openapi_schema
    made = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    for name, path in made["paths"].items():
        for operation in path.values():
            _use_problems(operation)
            if not operation["operationId"].startswith("sign_in"):
                operation["security"] = [{"signature": []} if name.startswith("/v1/rails/") else {"bearer": []}]
    made["paths"] = {**_hand_made(), **made["paths"]}
    components = made.setdefault("components", {})
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer"},
        "signature": {"type": "apiKey", "in": "header", "name": "Kassa-Signature"},
    }
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["HubItem"], schemas["HubAnswer"] = _ITEM, _ANSWER
    schemas["Problem"] = {
        "type": "object",
        "required": ["error", "text", "what_to_do"],
        "properties": {
            "error": {"type": "string", "description": "One of these, or a refusal reason: " + ", ".join(PROBLEMS)},
            "text": {"type": "string"},
            "what_to_do": {"type": "string"},
        },
    }
    app.openapi_schema = made
    return made


def _use_problems(operation: dict[str, Any]) -> None:
    """Every error of a derived operation is problem JSON, not FastAPI's own form."""
    responses = operation["responses"]
    responses.pop("422", None)
    responses.update(problem(401, "No valid session, or a wrong name or password."))
    responses.update(problem(422, "A field has a wrong form; it is named."))
    responses.update(problem(503, "The database does not answer; send the same request again."))
    if "requestBody" in operation:
        responses.update(problem(400, "The body is not UTF-8, or not one JSON object."))
        responses.update(problem(408, "The body did not come in time."))
        responses.update(problem(413, "The body is too large."))
        responses.update(problem(415, "The body is not announced as application/json."))
        responses.update(problem(429, "Too many attempts."))

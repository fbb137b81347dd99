"""docs/asyncapi.yaml: the wire's topics, messages and fields as an AsyncAPI 3.0 document, made from the catalogue."""

from __future__ import annotations

import json
from typing import Any

from deskwire import catalogue, envelope, ids, money, reasons, topics
from kassa.conform.fields_text import explain

PATH = "docs/asyncapi.yaml"

_PATTERNS = {
    "id": "^[0-7][0-9A-HJKMNP-TV-Z]{25}$",
    "account": "^[0-9]{16}$",
    "terminal": "^[A-Z0-9]{4,16}$",
}

_CHANNELS = (
    ("ask", "send", "Asks: may I, what is. Never stored by the broker; answered before a deadline."),
    ("tell", "send", "Tells: this happened. Stored at every hop until the backend's own ack."),
    ("answer", "receive", "Answers to asks and acks of tells, signed under the request's own KSN."),
    ("news", "receive", "What the terminal did not ask for, numbered, signed under the session's KSN."),
)


def schema(spec: tuple[Any, ...]) -> dict[str, Any]:
    """A field spec as JSON Schema."""
    kind = spec[0]
    if kind == "object":
        return {
            "type": "object",
            "additionalProperties": False,
            "required": [name for name in spec[2] if spec[1][name][1]],
            "properties": {name: schema(spec[1][name][0]) for name in spec[2]},
        }
    if kind == "list":
        return {"type": "array", "items": schema(spec[1]), "minItems": spec[2], "maxItems": spec[3]}
    if kind == "nullable":
        return {"oneOf": [{"type": "null"}, schema(spec[1])]}
    return _leaf(spec)


def _leaf(spec: tuple[Any, ...]) -> dict[str, Any]:
    kind = spec[0]
    if kind in _PATTERNS:
        return {"type": "string", "pattern": _PATTERNS[kind], "description": explain(spec)}
    if kind == "text":
        return {"type": "string", "minLength": spec[1], "maxLength": spec[2]}
    if kind in {"integer", "amount"}:
        return {"type": "integer", "minimum": spec[1], "maximum": spec[2]} | (
            {"description": "minor units of the currency beside it"} if kind == "amount" else {}
        )
    if kind == "digits":
        return {"type": "string", "pattern": f"^[0-9]{{{spec[1]},{spec[2]}}}$"}
    if kind == "hex":
        return {"type": "string", "pattern": f"^[0-9A-F]{{{spec[1]}}}$"}
    if kind == "choice":
        return {"type": "string", "enum": list(spec[1])}
    if kind == "currency":
        return {"type": "string", "enum": sorted(money.EXPONENTS)}
    return {"type": "boolean"} if kind == "bool" else {"type": "object"}


def whole(head: tuple[Any, ...], part: str, body: tuple[Any, ...], **fixed: str) -> dict[str, Any]:
    """A whole message's payload: the head's fields, its fixed words, and a body."""
    described = schema(head)
    described["properties"][part] = schema(body)
    for name, word in fixed.items():
        described["properties"][name] = {"const": word}
    described["properties"]["v"] = {"const": catalogue.VERSION}
    return described


def messages() -> dict[str, dict[str, Any]]:
    """Channel -> {message name: payload}."""
    found: dict[str, dict[str, Any]] = {name: {} for name, _, _ in _CHANNELS}
    for name in catalogue.ORDER["ask"]:
        body, answer = catalogue.ASKS[name]
        found["ask"][name] = whole(catalogue.UP, "body", body, kind="ask", type=name)
        found["answer"][f"{name}.answer"] = whole(catalogue.ANSWER, "body", answer, kind="answer")
    for name in catalogue.ORDER["tell"]:
        found["tell"][name] = whole(catalogue.UP, "body", catalogue.TELLS[name][0], kind="tell", type=name)
    refusal = schema(catalogue.REFUSED)
    refusal["properties"]["v"] = {"const": catalogue.VERSION}
    refusal["properties"]["kind"] = {"const": "answer"}
    refusal["properties"]["refused"]["properties"]["reason"] = {"enum": [reason.name for reason in reasons.REASONS]}
    found["answer"]["refusal"] = refusal
    found["answer"]["ack"] = whole(catalogue.ACK, "body", catalogue.ACK_BODY, kind="ack")
    for name in catalogue.ORDER["news"]:
        found["news"][name] = whole(catalogue.NEWS_ITEM, "body", catalogue.NEWS[name], kind="news", news=name)
    return found


def document() -> dict[str, Any]:
    """The whole document, from the terminal's point of view."""
    channels, operations, described = {}, {}, {}
    for (kind, action, text), table in zip(_CHANNELS, messages().values(), strict=True):
        keys = {name.replace(".", "_"): name for name in table}
        channels[kind] = {
            "address": topics.PREFIX + "{terminal}/" + kind,
            "description": text,
            "parameters": {"terminal": {"description": "The terminal's id: 4 to 16 of A-Z and 0-9."}},
            "messages": {key: {"$ref": f"#/components/messages/{kind}_{key}"} for key in keys},
        }
        operations[kind] = {"action": action, "channel": {"$ref": f"#/channels/{kind}"}}
        for key, name in keys.items():
            described[f"{kind}_{key}"] = {"name": name, "contentType": "application/jose", "payload": table[name]}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Kassa terminal wire",
            "version": f"{catalogue.VERSION}.0.0",
            "description": (
                "MQTT between terminal and hub, QoS 1. Every message is a JWS compact serialization (HS256) whose "
                f"payload is the JSON described here; at most {envelope.UP_LIMIT} bytes up and {envelope.DOWN_LIMIT} "
                f"down. Ids have {ids.LENGTH} characters of Crockford base32. See docs/wire.md."
            ),
        },
        "defaultContentType": "application/jose",
        "channels": channels,
        "operations": operations,
        "components": {"messages": described},
    }


def text() -> str:
    """The document as it is committed."""
    import yaml  # type: ignore[import-untyped]  # noqa: PLC0415  (only where it is written)

    apart = json.loads(json.dumps(document()))  # parts used twice are written twice, not anchored
    body = yaml.safe_dump(apart, sort_keys=False, allow_unicode=True, width=120)
    return f"# Generated from firmware/deskwire/catalogue.py by `kassa conform documents`.\n{body}"

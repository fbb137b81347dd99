"""The committed documents are what the catalogue says now."""

from __future__ import annotations

import pytest
import yaml

from deskwire import catalogue, reasons
from kassa.conform import asyncapi, interpreters, wire_page


@pytest.mark.parametrize("page", [asyncapi, wire_page], ids=["asyncapi", "wire"])
def test_the_committed_document_is_the_generated_one(page) -> None:
    committed = (interpreters.ROOT / page.PATH).read_text(encoding="utf-8")
    assert committed == page.text(), "write it again: kassa conform documents"


def test_the_description_names_every_message_and_reason() -> None:
    document = yaml.safe_load(asyncapi.text())
    sent = [message["name"] for message in document["components"]["messages"].values()]
    for kind in ("ask", "tell", "news"):
        assert set(catalogue.ORDER[kind]) <= set(sent)
    refusal = document["components"]["messages"]["answer_refusal"]["payload"]["properties"]["refused"]
    assert refusal["properties"]["reason"]["enum"] == [reason.name for reason in reasons.REASONS]
    for channel in document["channels"].values():
        for reference in channel["messages"].values():
            assert reference["$ref"].rsplit("/", 1)[1] in document["components"]["messages"]
    for reason in reasons.REASONS:
        assert f"| `{reason.name}` |" in wire_page.text()

"""JSON responses through orjson."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.responses import Response


class JsonResponse(Response):
    """A response whose content is given as plain objects."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """The content's JSON bytes."""
        return orjson.dumps(content)

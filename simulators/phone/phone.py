"""One payer's phone over the wallet API: log in, scan, see, confirm, hear."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections import deque
from typing import TYPE_CHECKING, Any

from deskwire import ids
from simulators.http import ApiError, JsonClient
from simulators.phone.camera import scan
from simulators.waiting import SimulatorError

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL import Image

_KEPT_NOTICES = 50  # what a phone's lock screen holds
_RETRY_S = (0.2, 0.5, 1.0, 2.0)  # reconnecting the notice stream: quick at first, then every two seconds


class PhoneError(SimulatorError):
    """The phone was used in an order that makes no sense (for example confirmed before a scan)."""


class Phone:
    """The wallet of one holder. `offer` is what was scanned and not yet decided; `paid` the last result."""

    def __init__(self, base_url: str, wallet: str, password: str) -> None:
        self.wallet = wallet
        self.holder = ""
        self.offer: dict[str, Any] | None = None
        self.paid: dict[str, Any] | None = None
        self.code: dict[str, Any] | None = None
        self.notices: deque[dict[str, Any]] = deque(maxlen=_KEPT_NOTICES)
        self._password = password
        self._client = JsonClient(base_url)
        self._payment_id = ""
        self._listener: asyncio.Task[None] | None = None
        self._on_notice: Callable[[dict[str, Any]], None] = lambda _notice: None

    def __repr__(self) -> str:
        return f"Phone({self.wallet})"

    async def log_in(self) -> None:
        """Open a session of its own."""
        self._client.token = ""
        session = await self._client.post("/v1/wallet/sessions", {"wallet": self.wallet, "password": self._password})
        self._client.token = session["token"]

    async def _call(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """Call; log in first when there is no session, and again when it has run out."""
        if not self._client.token:
            await self.log_in()
        try:
            return await self._client.call(method, path, body, **query)
        except ApiError as error:
            if error.status != 401:
                raise
        await self.log_in()
        return await self._client.call(method, path, body, **query)

    async def balance(self) -> dict[str, Any]:
        """Holder, available, held, currency."""
        me: dict[str, Any] = await self._call("GET", "/v1/wallet/me")
        self.holder = str(me.get("holder", ""))
        return me

    async def scan(self, picture: Image.Image) -> dict[str, Any]:
        """Decode the picture and look up what it asks for."""
        text = scan(picture)
        if text is None:
            raise PhoneError("the phone sees no QR code: open a sale on the terminal first (key A)")
        return await self.look_up(text)

    async def look_up(self, text: str) -> dict[str, Any]:
        """Look up a QR text or a link; the offer waits for confirm or decline."""
        self.paid = None
        self.offer = await self._call("POST", "/v1/wallet/lookup", {"payload": text})
        self._payment_id = ids.make(secrets.token_bytes(16))
        return dict(self.offer or {})

    async def confirm(self) -> dict[str, Any]:
        """Pay what was scanned. The id is made once per scan, so confirming again never pays twice."""
        if self.offer is None:
            raise PhoneError("nothing has been scanned: scan first, then confirm")
        body = {key: self.offer[key] for key in ("sale", "amount_minor", "currency")}
        paid: dict[str, Any] = await self._call("POST", "/v1/wallet/payments", {"id": self._payment_id, **body})
        self.paid = {**self.offer, **paid}
        self.offer = None
        return self.paid

    def decline(self) -> None:
        """Throw the offer away; nothing is told to anyone."""
        self.offer = None

    # -- at a counter

    async def show_code(self) -> dict[str, Any]:
        """Draw a fresh one-time code: {code, payload, expires_at}."""
        self.code = await self._call("POST", "/v1/wallet/codes", {})
        return dict(self.code)

    async def static_code(self) -> str:
        """The text of the wallet's static code."""
        return str((await self._call("GET", "/v1/wallet/static-code"))["payload"])

    async def prefer(self, authorise_by: str) -> None:
        """Choose how cash-outs are authorised: "pin" or "code"."""
        await self._call("PUT", "/v1/wallet/authorise-by", {"authorise_by": authorise_by})

    async def send(self, to: str, amount_minor: int, currency: str) -> dict[str, Any]:
        """Send money to another wallet."""
        body = {"id": ids.make(secrets.token_bytes(16)), "to": to, "amount_minor": amount_minor, "currency": currency}
        made: dict[str, Any] = await self._call("POST", "/v1/wallet/transfers", body)
        return made

    async def send_cash(self, amount_minor: int, currency: str, secret: str) -> dict[str, Any]:
        """Send cash to whoever knows the code that comes back and the secret."""
        name = ids.make(secrets.token_bytes(16))
        body = {"id": name, "amount_minor": amount_minor, "currency": currency, "secret": secret}
        made: dict[str, Any] = await self._call("POST", "/v1/wallet/pickups", body)
        return made

    async def history(self, limit: int = 20) -> list[dict[str, Any]]:
        """The newest entries of the wallet."""
        answer = await self._call("GET", "/v1/wallet/history", None, limit=limit)
        return list(answer["items"] if isinstance(answer, dict) else answer)

    # -- notices

    def start_listening(self, on_notice: Callable[[dict[str, Any]], None] | None = None) -> None:
        """Listen for notices in the background until close()."""
        if on_notice is not None:
            self._on_notice = on_notice
        if self._listener is None:
            self._listener = asyncio.ensure_future(self._listen())

    async def _listen(self) -> None:
        cursor, attempt = "", 0
        while True:
            try:
                if not self._client.token:
                    await self.log_in()
                async for seen, notice in self._client.events("/v1/wallet/notices", cursor):
                    cursor, attempt = seen, 0
                    self.notices.appendleft(notice)
                    self._on_notice(notice)
            except ApiError as error:
                if error.status == 401:
                    self._client.token = ""
            await asyncio.sleep(_RETRY_S[min(attempt, len(_RETRY_S) - 1)])
            attempt += 1

    async def close(self) -> None:
        """Stop listening and release the connections."""
        if self._listener is not None:
            self._listener.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listener
        await self._client.close()

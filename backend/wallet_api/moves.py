"""The wallet's routes for moving money without a sale: one-time codes, transfers, pickups."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Request

from backend.operations.command import Busy, Command, SubmitError
from backend.wallet_api.models import (
    Code,
    Pickup,
    PickupSent,
    Preference,
    Quoted,
    Transfer,
    TransferAsked,
    TransferMade,
)
from backend.wallet_api.routes import signed_in
from backend.web.problems import Problem
from deskwire.accounts import CODE_PREFIX, complete, pickup_account, pickup_code
from deskwire.reasons import BY_NAME
from deskwire.scan import wallet_payload

if TYPE_CHECKING:
    from backend.vault.port import Vault
    from backend.web.clock import Clock, Fresh
    from backend.web.executing import Submits


class Moves:
    """What the routes work with."""

    def __init__(self, *, executor: Submits, vault: Vault, clock: Clock, fresh: Fresh) -> None:
        self._executor = executor
        self._vault = vault
        self._clock = clock
        self._fresh = fresh

    async def submit(
        self, operation: str, wallet: str, body: dict[str, Any], *, message: str = "", raw: bytes = b""
    ) -> dict[str, Any]:
        """Submit a command of the wallet; without an id of the phone's own it is answered once and not repeated.

        Raises:
            Problem: 409 with the refusal's reason, 503 when it was not decided (repeating it is safe).
        """
        name = message or self._fresh.id()
        command = Command(
            operation=operation,
            origin="w:" + wallet,
            id=name,
            digest=hashlib.sha256(raw or name.encode()).digest(),
            at=self._clock(),
            body=body,
            fresh=self._fresh.id(),
            fresh_code=self._fresh.code(),
        )
        try:
            outcome = await self._executor.submit(command)
        except SubmitError as error:
            reason = "busy" if isinstance(error, Busy) else "unavailable"
            raise Problem(reason, BY_NAME[reason].text) from None
        if outcome.refused is not None:
            reason = outcome.refused[0]
            raise Problem(reason, BY_NAME[reason].text if reason in BY_NAME else reason, status=409)
        return dict(outcome.body or {})

    async def code(self, wallet: str) -> Code:
        """A fresh one-time code. Only its keyed hash is kept; the digits leave in this answer and nowhere else."""
        digits = complete(f"{CODE_PREFIX}{secrets.randbelow(10**13):013d}")
        said = await self.submit("code.issue", wallet, {"hash": self._vault.code_hash(digits)})
        return Code(code=digits, payload=digits, expires_at=said["expires_at"])

    async def pickup(self, wallet: str, asked: Pickup, raw: bytes) -> PickupSent:
        """Send cash to whoever knows the code and the secret. The secret goes into a verifier at once."""
        code = pickup_code(f"{secrets.randbelow(10**11):011d}")
        verifier = self._vault.make_verifier(pickup_account(code), asked.secret)
        body = {
            "code": code,
            "verifier": verifier.hex(),
            "amount_minor": asked.amount_minor,
            "currency": asked.currency,
        }
        # the raw request holds the secret: its digest is taken under the vault's key
        digest = self._vault.code_hash(raw.decode("utf-8", "replace")).encode()
        return PickupSent(**await self.submit("wallet.pickup", wallet, body, message=asked.id, raw=digest))


def moves_of(request: Request) -> Moves:
    """The Moves of this process, from the lifespan's state."""
    moves: Moves = request.state.backend.moves
    return moves


At = Annotated[Moves, Depends(moves_of)]
Wallet = Annotated[str, Depends(signed_in)]

router = APIRouter(prefix="/v1/wallet", tags=["wallet"])


@router.post("/codes", summary="Show a one-time code")
async def code(moves: At, wallet: Wallet) -> Code:
    """Sixteen digits for the counter, as text or QR; used once, within 90 seconds. A few a minute are given."""
    return await moves.code(wallet)


@router.get("/static-code", summary="The wallet's static code")
async def static_code(wallet: Wallet) -> dict[str, str]:
    """The text of a QR code that names the wallet and proves nothing: it can be printed on a card."""
    return {"payload": wallet_payload(wallet)}


@router.put("/authorise-by", summary="Choose how cash-outs are authorised")
async def authorise_by(preference: Preference, moves: At, wallet: Wallet) -> Preference:
    """By the PIN, or by the one-time code just shown at the counter."""
    return Preference(**await moves.submit("code.prefer", wallet, {"authorise_by": preference.authorise_by}))


@router.post("/transfers/quote", summary="Who would be paid, and what it costs")
async def quote(asked: TransferAsked, moves: At, wallet: Wallet) -> Quoted:
    """Nothing moves."""
    return Quoted(**await moves.submit("wallet.transfer", wallet, {**asked.model_dump(), "quote": True}))


@router.post("/transfers", summary="Send to another wallet")
async def transfer(request: Request, asked: Transfer, moves: At, wallet: Wallet) -> TransferMade:
    """Send once, by the id that the phone made: the same bytes again give the first answer."""
    body = asked.model_dump(exclude={"id"})
    raw = await request.body()
    return TransferMade(**await moves.submit("wallet.transfer", wallet, body, message=asked.id, raw=raw))


@router.post("/pickups", summary="Send cash to be fetched at a branch")
async def pickup(request: Request, asked: Pickup, moves: At, wallet: Wallet) -> PickupSent:
    """Whoever knows the code and the secret is paid at any branch. The same bytes again give the first answer."""
    return await moves.pickup(wallet, asked, await request.body())

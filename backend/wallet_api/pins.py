"""The wallet's PIN from its app: the app password and the old PIN allow a new one. Digits go into the vault at once."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field, SecretStr

from backend.operations.command import Busy, Command, PinBlock, SubmitError
from backend.vault.port import VaultError
from backend.wallet_api.models import Strict
from backend.wallet_api.routes import signed_in
from backend.web.problems import Problem
from deskwire.reasons import BY_NAME

if TYPE_CHECKING:
    from backend.vault.port import Vault
    from backend.web.clock import Clock, Fresh
    from backend.web.executing import Submits
    from backend.web.sessions import Sessions


class PinChange(Strict):
    """POST /v1/wallet/pin. PINs have 4 to 12 digits."""

    password: SecretStr = Field(min_length=1, max_length=200)
    old_pin: SecretStr = Field(min_length=4, max_length=12)
    new_pin: SecretStr = Field(min_length=4, max_length=12)


class PinChanged(BaseModel):
    """The new PIN holds."""

    changed_at: int


class WalletPins:
    """What the route works with."""

    def __init__(self, *, sessions: Sessions, executor: Submits, vault: Vault, clock: Clock, fresh: Fresh) -> None:
        self._sessions = sessions
        self._executor = executor
        self._vault = vault
        self._clock = clock
        self._fresh = fresh

    async def change(self, wallet: str, asked: PinChange, address: str) -> PinChanged:
        """Check the password (its wrong tries lock the sign-in), then the old PIN (its tries block the PIN).

        Raises:
            Problem: 401 or 429 for the password, 422 for a PIN that is none, 409 with the refusal's reason.
        """
        token, _ = await self._sessions.sign_in(wallet, asked.password.get_secret_value(), address)
        await self._sessions.close(token)
        name = self._fresh.id()
        command = Command(
            operation="customer_pin.change",
            origin="w:" + wallet,
            id=name,
            digest=hashlib.sha256(name.encode()).digest(),
            at=self._clock(),
            body={},
            pin=self._enclosed(wallet, asked.old_pin, "old_pin"),
            pin_again=self._enclosed(wallet, asked.new_pin, "new_pin"),
        )
        try:
            outcome = await self._executor.submit(command)
        except SubmitError as error:
            reason = "busy" if isinstance(error, Busy) else "unavailable"
            raise Problem(reason, BY_NAME[reason].text) from None
        if outcome.refused is not None:
            reason, details = outcome.refused
            raise Problem(reason, BY_NAME[reason].text, status=409, **details)
        return PinChanged(changed_at=dict(outcome.body or {})["changed_at"])

    def _enclosed(self, wallet: str, typed: SecretStr, field: str) -> PinBlock:
        """The typed digits as an opaque block."""
        try:
            return PinBlock(*self._vault.enclose_pin(wallet, typed.get_secret_value()))
        except VaultError as error:
            raise Problem("invalid", f"{field}: {error}", field=field) from None


def pins_of(request: Request) -> WalletPins:
    """The WalletPins of this process, from the lifespan's state."""
    pins: WalletPins = request.state.backend.wallet_pins
    return pins


Pins = Annotated[WalletPins, Depends(pins_of)]
Wallet = Annotated[str, Depends(signed_in)]
router = APIRouter(prefix="/v1/wallet", tags=["wallet"])


@router.post("/pin", summary="Change the PIN")
async def change(request: Request, asked: PinChange, pins: Pins, wallet: Wallet) -> PinChanged:
    """By the app password and the old PIN. Three wrong PINs block it; a branch sets a new one."""
    address = request.client.host if request.client else ""
    return await pins.change(wallet, asked, address)

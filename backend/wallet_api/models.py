"""The wallet API's requests and answers, as they stand in the OpenAPI document."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

AccountNumber = Annotated[str, StringConstraints(pattern=r"^[0-9]{16}$")]
Id = Annotated[str, StringConstraints(pattern=r"^[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
#: The wire's largest amount, 10**12 - 1.
AmountMinor = Annotated[int, Field(ge=1, le=10**12 - 1, strict=True)]


class Strict(BaseModel):
    """A request: unknown fields are refused, and its values do not show when it is printed."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class SignIn(Strict):
    """POST /v1/wallet/sessions."""

    wallet: AccountNumber
    password: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(repr=False)


class SignedIn(BaseModel):
    """A session."""

    token: str = Field(repr=False)
    expires_at: int


class Me(BaseModel):
    """The wallet and its balance."""

    wallet: str
    holder: str
    available_minor: int
    held_minor: int
    currency: str


class Lookup(Strict):
    """A scanned QR text, or a payment link."""

    payload: Annotated[str, StringConstraints(min_length=1, max_length=512)]


class SaleFound(BaseModel):
    """What is to be confirmed."""

    sale: str
    merchant: str
    amount_minor: int
    currency: str
    expires_at: int
    state: Literal["open", "paid", "expired", "cancelled"]


class Payment(Strict):
    """A confirmed payment; `id` is made by the phone and repeated in every retry of the same bytes."""

    id: Id
    sale: Id
    amount_minor: AmountMinor
    currency: Currency


class Paid(BaseModel):
    """The payment is booked."""

    state: Literal["paid"]
    authorisation_code: str
    paid_at: int


class Card(BaseModel):
    """A card linked to the wallet; of its number only the last four digits are known."""

    brand: str
    masked_number: str
    expires: str
    status: str
    linked_at: int


class RailCards(BaseModel):
    """The cards that one rail has linked."""

    rail: str
    cards: list[Card]


class Cards(BaseModel):
    """Linked cards by rail."""

    rails: list[RailCards]


class HistoryItem(BaseModel):
    """One posted movement of the wallet."""

    number: int
    at: int
    direction: Literal["in", "out"]
    type: str
    amount_minor: int
    currency: str
    operation: str
    merchant: str | None
    authorisation_code: str | None


class History(BaseModel):
    """Movements, latest first; `before` of the next page is the last item's number."""

    items: list[HistoryItem]


class Code(BaseModel):
    """A one-time code: `payload` is the text of its QR or bar code."""

    code: str = Field(repr=False)
    payload: str = Field(repr=False)
    expires_at: int


class Preference(Strict):
    """What the holder authorises a cash-out with."""

    authorise_by: Literal["pin", "code"]


class TransferAsked(Strict):
    """What would be sent."""

    to: AccountNumber
    amount_minor: AmountMinor
    currency: Currency


class Transfer(TransferAsked):
    """A confirmed transfer; `id` is made by the phone and repeated in every retry of the same bytes."""

    id: Id


class Quoted(BaseModel):
    """The payee's masked name, the fee, and what the payer is debited."""

    holder: str
    fee_minor: int
    total_minor: int


class TransferMade(BaseModel):
    """The transfer is booked."""

    authorisation_code: str
    holder: str


class Pickup(Strict):
    """Cash for whoever knows the code that comes back and this secret."""

    id: Id
    amount_minor: AmountMinor
    currency: Currency
    secret: Annotated[str, StringConstraints(pattern=r"^[0-9]{4,6}$")] = Field(repr=False)


class PickupSent(BaseModel):
    """The code to be passed on; after `expires_at` the amount comes back."""

    code: str
    fee_minor: int
    expires_at: int

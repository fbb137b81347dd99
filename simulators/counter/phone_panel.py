"""The middle: the payer's phone."""

from __future__ import annotations

import time
from html import escape
from typing import TYPE_CHECKING

from nicegui import ui

from simulators.counter import markup
from simulators.http import ApiError
from simulators.waiting import SimulatorError

if TYPE_CHECKING:
    from simulators.phone.phone import Phone
    from simulators.run.world import World

_IDLE = "Point the phone at the terminal and press Scan."
_NO_WORD = "no answer: it is not known whether this is paid. Press Confirm again, it never pays twice"


class PhonePanel:
    """One phone at a time; the switch on top chooses whose it is."""

    def __init__(self, world: World, terminal: str) -> None:
        self._world = world
        self._terminal = terminal
        self._chosen = 0
        self._state = ("idle", _IDLE)
        with ui.element("section").classes("phone").props("data-testid=phone"):
            with ui.element("div").classes("who"):
                self._tabs = [self._tab(place) for place in range(len(world.phones))]
            self._holder = ui.label("").classes("small").props("data-testid=phone-holder")
            self._balance = ui.label("").classes("balance").props("data-testid=phone-balance")
            self._held = ui.label("").classes("small").props("data-testid=phone-held")
            self._offer = ui.html("", sanitize=False).props("data-testid=phone-offer")
            with ui.row().classes("w-full no-wrap gap-2"):
                self._scan = self._button("Scan", "phone-scan", self._on_scan, "color=primary")
                self._confirm = self._button("Confirm", "phone-confirm", self._on_confirm, "color=positive")
                self._decline = self._button("Decline", "phone-decline", self._on_decline, "outline color=grey-8")
            with ui.row().classes("w-full no-wrap gap-2"):
                self._button("Code to scanner", "phone-code", self._on_code, "outline color=primary")
                self._button("Card to scanner", "phone-card", self._on_card, "outline color=primary")
            self._notices = ui.html("", sanitize=False).classes("notices").props("data-testid=phone-notices")
        self._choose(0)

    @property
    def phone(self) -> Phone:
        """The phone in hand."""
        return self._world.phones[self._chosen]

    def _tab(self, place: int) -> ui.button:
        button = ui.button(f"Wallet {place + 1}", on_click=lambda: self._choose(place))
        return button.props(f"dense no-caps unelevated data-testid=phone-wallet-{place + 1}")

    @staticmethod
    def _button(text: str, testid: str, action: object, props: str) -> ui.button:
        button = ui.button(text, on_click=action)  # type: ignore[arg-type]
        return button.props(f"dense no-caps unelevated {props} data-testid={testid}").classes("flex-1")

    def _choose(self, place: int) -> None:
        self._chosen = place
        self._state = ("idle", _IDLE) if self.phone.offer is None else ("offer", "")
        for number, tab in enumerate(self._tabs):
            tab.props(
                f"color={'dark' if number == place else 'grey-4'} text-color={'white' if number == place else 'dark'}"
            )
        self.refresh()

    async def _on_scan(self) -> None:
        picture = self._world.terminals[self._terminal].screen.image()
        try:
            await self.phone.scan(picture)
        except SimulatorError as error:
            self._state = ("refused", _sentence(error, "no connection to the wallet: scan again later"))
        else:
            self._state = ("offer", "")
        self.refresh()

    async def _on_confirm(self) -> None:
        self._state = ("paying", "Paying…")
        self.refresh()
        try:
            await self.phone.confirm()
        except SimulatorError as error:
            self._state = ("refused", _sentence(error, _NO_WORD))
        else:
            self._state = ("paid", "")
        self._world.live.poke()
        self.refresh()

    async def _on_code(self) -> None:
        """Draw a fresh one-time code and hold it before the terminal's scanner."""
        try:
            shown = await self.phone.show_code()
        except SimulatorError as error:
            self._state = ("refused", _sentence(error, "No connection. No code was drawn."))
        else:
            self._world.terminals[self._terminal].scan(shown["payload"])
            self._state = ("code", shown["payload"])
        self.refresh()

    async def _on_card(self) -> None:
        """Hold the wallet's static code before the terminal's scanner."""
        try:
            self._world.terminals[self._terminal].scan(await self.phone.static_code())
        except SimulatorError as error:
            self._state = ("refused", _sentence(error, "No connection. Nothing was shown."))
        else:
            self._state = ("idle", "The card was shown to the scanner.")
        self.refresh()

    def _on_decline(self) -> None:
        self.phone.decline()
        self._state = ("idle", "Declined. Nothing was paid.")
        self.refresh()

    def refresh(self) -> None:
        """Show the newest."""
        demo = self._world.demo
        known = self._world.live.picture.balances.get(f"wallet:{self.phone.wallet}", {})
        self._holder.set_text(f"{demo.wallets[self._chosen].holder} · {self.phone.wallet}")
        self._balance.set_text(f"{markup.money(known.get('available_minor'), demo.currency)} {demo.currency}")
        held = known.get("held_minor") or 0
        self._held.set_text(f"{markup.money(held, demo.currency)} held for a cash-out" if held else "nothing is held")
        content = self._offer_html()
        if self._offer.content != content:
            self._offer.set_content(content)
        open_offer = self._state[0] in {"offer", "refused"} and self.phone.offer is not None
        self._confirm.set_enabled(open_offer)
        self._decline.set_enabled(open_offer)
        notices = "".join(map(_notice, self.phone.notices)) or '<span class="small">Notices appear here.</span>'
        if self._notices.content != notices:
            self._notices.set_content(notices)

    def _offer_html(self) -> str:
        kind, text = self._state
        if kind == "offer" and self.phone.offer is not None:
            offer = self.phone.offer
            amount = markup.money(offer["amount_minor"], offer["currency"])
            return (
                f'<div class="offer" data-state="offer"><span class="small">Pay to</span>'
                f"<b>{escape(_merchant(offer))}</b>"
                f'<span class="amount">{amount} {escape(offer["currency"])}</span>'
                f'<span class="small">{escape(str(offer.get("state", "")))} · sale <span class="mono">'
                f"…{escape(str(offer['sale'])[-8:])}</span></span></div>"
            )
        if kind == "paid" and self.phone.paid is not None:
            paid = self.phone.paid
            amount = markup.money(paid["amount_minor"], paid["currency"])
            return (
                f'<div class="offer paid" data-state="paid">'
                f'<span class="small">Paid to {escape(_merchant(paid))}</span>'
                f'<span class="amount">{amount} {escape(paid["currency"])}</span>'
                f'<span class="small">code {escape(str(paid.get("authorisation_code", "")))}</span></div>'
            )
        if kind == "code":
            grouped = " ".join(text[at : at + 4] for at in range(0, len(text), 4))
            return (
                f'<div class="offer" data-state="code"><span class="small">One-time code, shown to the scanner</span>'
                f'<img alt="one-time code" width="120" height="120" src="{markup.qr(text)}">'
                f'<span class="mono">{escape(grouped)}</span></div>'
            )
        return f'<div class="offer {kind}" data-state="{kind}">{escape(text)}</div>'


def _merchant(offer: dict[str, object]) -> str:
    merchant = offer.get("merchant", "")
    if isinstance(merchant, dict):
        return ", ".join(str(merchant[key]) for key in ("name", "city") if merchant.get(key))
    return str(merchant)


def _sentence(error: Exception, unreachable: str) -> str:
    """What a payer reads: the reason's text, not its name on the wire."""
    text = str(error)
    if isinstance(error, ApiError):
        text = (error.text or error.error) if error.status else unreachable
    return text[:1].upper() + text[1:]


def _notice(notice: dict[str, object]) -> str:
    at = time.strftime("%H:%M", time.localtime(int(str(notice.get("at", 0)))))
    name, text = escape(str(notice.get("name", ""))), escape(str(notice.get("text", "")))
    return f'<div class="notice" data-name="{name}"><time>{at}</time><span>{text}</span></div>'

"""Plays the steps of one scenario on one terminal of a running world."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from deskwire.denominations import faces
from deskwire.ids import is_id
from deskwire.money import parse_decimal
from simulators.http import ApiError
from simulators.story.books import Books, signed_minor
from simulators.story.errors import StoryError
from simulators.waiting import SimulatorError, until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from simulators.phone.phone import Phone
    from simulators.run.world import World
    from simulators.story.script import Scenario, Step

_SETTLE_TIMEOUT_S = 25.0  # the longest back-off of terminal and hub, plus the work
_BOOT_TIMEOUT_S = 20.0
_STILL_S = 0.15  # longer than painting one view, shorter than a countdown's second


class Player:
    """One terminal, its cashier's fingers and the payers' phones."""

    def __init__(self, world: World, terminal: str, pictures: Path | None, say: Callable[[str], None]) -> None:
        self._world = world
        self._name = terminal
        self._terminal = world.terminals[terminal]
        self._pictures = pictures
        self._say = say
        self._books = Books(world, terminal)
        self._noted = ""
        self._seen_before: set[str] = set()
        self._notices_before = [0, 0]
        self._kept: dict[str, str] = {}

    async def play(self, scenario: Scenario) -> None:
        """Play all steps; the first that differs raises StoryError with the dialogue."""
        self._say(f"\n== {scenario.name}: {scenario.title}")
        self._terminal.conversation.clear()
        stop = self._terminal.listen(self._echo)
        try:
            await self._books.open()
            self._seen_before = set(self._world.traffic.messages)
            self._notices_before = [len(phone.notices) for phone in self._world.phones]
            for step in scenario.steps:
                await self._step(scenario, step)
            await self._books.close()
        finally:
            stop()

    def _echo(self, event: tuple[str, object]) -> None:
        """Print the terminal's side of the conversation as it happens."""
        if event[0] in {"view", "tone", "power"} and self._terminal.conversation:
            line = self._terminal.conversation[-1]
            if line != getattr(self, "_last_line", "") and ("<<" in line or "--" in line):
                self._last_line = line
                self._say(f"    {line[9:]}")

    async def _step(self, scenario: Scenario, step: Step) -> None:
        if step.verb not in {"say", "see", "screen", "tone"}:
            self._say(f"  {step.text}")
        try:
            await getattr(self, "_do_" + step.verb.replace("-", "_"))(*step.words)
        except SimulatorError as error:
            await self._save_failure(scenario.name)
            where = f"{scenario.name}, line {step.line}: {step.text}"
            raise StoryError(f"{where}\n  {error}\n{self._terminal.dialogue()}") from None

    async def _save_failure(self, name: str) -> None:
        if self._pictures is not None and self._terminal.powered:
            await self._do_save(f"failed-{name}")

    # -- the cashier

    async def _do_say(self, text: str) -> None:
        self._say(f"  -- {text}")

    async def _do_press(self, *keys: str) -> None:
        self._terminal.tones.clear()  # tone and silent speak of what sounded since the last keys
        await self._terminal.press("".join(self._typed(key) for key in keys))

    def _typed(self, key: str) -> str:
        """A key as it is pressed: a name in braces stands for a wallet's number or a value that was kept."""
        if not key.startswith("{"):
            return key
        name = key[1:-1]
        known = {f"wallet{place + 1}": wallet.number for place, wallet in enumerate(self._world.demo.wallets)}
        known |= {"code": self._noted} | self._kept
        if name not in known:
            raise StoryError(f"nothing is kept as {name!r}; known are {', '.join(known)}")
        return known[name]

    async def _do_keep(self, name: str, label: str) -> None:
        rows = dict(self._terminal.view["fields"].get("rows", ()))
        if label not in rows:
            raise StoryError(f"no row of the screen is called {label!r}; there are {', '.join(rows) or 'none'}")
        self._kept[name] = rows[label]

    async def _do_count(self, account: str, change: str = "0") -> None:
        """Type the account's cash face by face, as few pieces as possible."""
        currency = self._world.demo.currency
        left = await self._books.balance(account) + signed_minor(change, currency)
        for face in faces(currency):
            pieces, left = divmod(left, face)
            await self._terminal.press((str(pieces) if pieces else "") + "#")

    async def _do_amount(self, account: str) -> None:
        await self._terminal.press(str(await self._books.balance(account)))

    async def _do_secret(self, *keys: str) -> None:
        self._terminal.tones.clear()  # tone and silent speak of what sounded since the last keys
        await self._terminal.press("".join(keys))

    async def _do_screen(self, name: str, timeout_s: str = "12") -> None:
        await self._terminal.wait_for(name, timeout_s=float(timeout_s))

    async def _do_see(self, text: str) -> None:
        await self._terminal.wait_text(text, timeout_s=15)

    async def _do_outcome(self, kind: str) -> None:
        await self._terminal.wait_for(
            lambda view: view["screen"] == "outcome" and view["fields"]["kind"] == kind,
            timeout_s=20,
            what=f"the outcome {kind}",
        )

    async def _do_tone(self, name: str) -> None:
        async def sounded() -> bool:
            return name in self._terminal.tones

        await until(sounded, f"the tone {name}", timeout_s=3)

    async def _do_paper(self, text: str) -> None:
        async def printed() -> bool:
            receipts = self._terminal.paper.receipts
            return bool(receipts) and text in "\n".join([*receipts[-1].text, *receipts[-1].codes])

        await until(printed, f"a receipt with {text!r}", timeout_s=5)
        if self._pictures is not None:
            self._pictures.mkdir(parents=True, exist_ok=True)
            png = self._terminal.paper.receipts[-1].png()
            await asyncio.to_thread((self._pictures / "receipt.png").write_bytes, png)

    async def _do_no_copy(self) -> None:
        if "COPY" in self._terminal.paper.receipts[-1].text:
            raise StoryError("the receipt is marked as a copy")

    async def _do_silent(self, name: str) -> None:
        if name in self._terminal.tones:
            raise StoryError(f"the tone {name} sounded")

    async def _do_save(self, name: str) -> None:
        if self._pictures is not None:
            await self._still()
            self._pictures.mkdir(parents=True, exist_ok=True)
            await asyncio.to_thread(self._terminal.screen.image().save, self._pictures / f"{name}.png")
            await asyncio.to_thread(self._terminal.screen.image(2).save, self._pictures / f"{name}@2x.png")

    async def _still(self) -> None:
        """Wait until the keys pressed so far are on the screen: nothing has changed for a moment."""
        frames, since = self._terminal.screen.frames, time.monotonic()
        while time.monotonic() - since < _STILL_S:
            await asyncio.sleep(_STILL_S / 5)
            if self._terminal.screen.frames != frames:
                frames, since = self._terminal.screen.frames, time.monotonic()

    async def _do_signed_on(self) -> None:
        """Sign on and open the drawer where the terminal asks for it; end at the menu."""
        demo, terminal = self._world.demo, self._terminal
        await terminal.wait_for(lambda view: view["screen"] not in {"off", "boot"}, timeout_s=_BOOT_TIMEOUT_S)
        deadline = time.monotonic() + _BOOT_TIMEOUT_S
        while terminal.view["screen"] != "menu":
            screen = terminal.view["screen"]
            if screen == "operator_number":
                await terminal.press(demo.operator + "#")
            elif screen == "operator_pin":
                await terminal.press(demo.operator_pin + "#")
            elif screen == "drawer_float":
                await terminal.press("10000#")
            elif screen != "waiting":
                await terminal.press("*")
            if time.monotonic() > deadline:
                raise StoryError(f"the terminal does not get to its menu; it shows {terminal.view}")
            await asyncio.sleep(0.3)

    async def _do_scan(self, text: str) -> None:
        self._terminal.scan(text.replace("{code}", self._noted))

    async def _do_note(self, field: str) -> None:
        """Remember the digits of a row of the screen, such as the code that the cashier writes down."""
        rows = dict(self._terminal.view["fields"].get("rows", ()))
        self._noted = "".join(filter(str.isdigit, str(rows.get(field, ""))))
        if not self._noted:
            raise StoryError(f"the screen has no digits under {field!r}; it shows {self._terminal.view}")

    # -- the payer

    async def _do_phone(self, number: str, what: str, *words: str) -> None:
        phone = self._world.phones[int(number) - 1]
        if what == "scan":
            offer = await phone.scan(self._terminal.screen.image())
            self._say(f"    phone {number} sees: {offer['merchant']}, {offer['amount_minor']} {offer['currency']}")
        elif what == "confirm":
            paid = await phone.confirm()
            self._say(f"    phone {number}: {paid['state']}, code {paid['authorisation_code']}")
        elif what == "top-up":
            amount_minor = parse_decimal(words[0], self._world.demo.currency)
            await self._world.rails.top_up(self._world.demo.wallets[int(number) - 1].number, amount_minor)
        elif what == "decline":
            phone.decline()
        elif what in {"code", "card", "receipt"}:
            self._terminal.scan(await self._shown(phone, what, *words))
        elif what == "prefers":
            await phone.prefer(words[0])
        elif what == "sends":
            await self._send(phone, *words)
        elif what == "refused":
            await self._refused(int(number) - 1, words[0])
        else:
            await self._notified(int(number) - 1, " ".join(words))

    @staticmethod
    async def _shown(phone: Phone, what: str, how: str = "") -> str:
        """What the phone shows to the counter's scanner."""
        if what == "card":
            return await phone.static_code()
        if what == "receipt" and phone.paid is not None:
            return f"https://kassa.example/r/{phone.paid['sale']}"
        if how == "again" and phone.code is not None:
            return str(phone.code["payload"])
        return str((await phone.show_code())["payload"])

    async def _send(self, phone: Phone, to: str, amount: str) -> None:
        """From this phone's wallet to another."""
        demo = self._world.demo
        amount_minor = parse_decimal(amount, demo.currency)
        await phone.send(demo.wallets[int(to) - 1].number, amount_minor, demo.currency)

    async def _refused(self, place: int, reason: str) -> None:
        try:
            await self._world.phones[place].confirm()
        except ApiError as error:
            if error.error == reason:
                return
            raise
        raise StoryError(f"the payment was accepted, not refused as {reason}")

    async def _notified(self, place: int, text: str) -> None:
        phone = self._world.phones[place]

        async def heard() -> bool:
            fresh = list(phone.notices)[: len(phone.notices) - self._notices_before[place]]
            return any(text.lower() in str(notice).lower() for notice in fresh)

        await until(heard, f"a notice with {text!r} on phone {place + 1}; it has {list(phone.notices)[:3]}")

    # -- the world

    async def _do_fault(self, name: str, state: str) -> None:
        await self._world.faults.set(name, self._name, on=state == "on")

    async def _do_wait(self, seconds: str) -> None:
        await asyncio.sleep(float(seconds))

    async def _do_settle(self) -> None:
        async def settled() -> bool:
            try:
                hub = await self._world.hub_state()
            except ApiError:
                return False
            waiting = self._terminal.view["fields"].get("waiting", 0)
            return not waiting and not hub["tells_waiting"] and not self._unacked()

        await until(settled, "terminal and hub to have told everything", timeout_s=_SETTLE_TIMEOUT_S)

    def _unacked(self) -> list[str]:
        messages = self._world.traffic.messages.values()
        return [m.id for m in messages if m.kind == "tell" and m.terminal == self._name and not m.outcome]

    async def _do_expect(self, account: str, change: str) -> None:
        self._say(f"    ledger: {await self._books.expect(account, change)}")

    async def _do_together(self, change: str, *accounts: str) -> None:
        self._say(f"    ledger: {await self._books.expect_together(change, accounts)}")

    async def _do_held(self, account: str, amount: str) -> None:
        self._say(f"    ledger: {await self._books.expect_held(account, amount)}")

    async def _do_seen(self, kind: str, outcome: str, count: str) -> None:
        async def enough() -> bool:
            return self._count(kind, outcome) == int(count)

        try:
            await until(enough, "messages", timeout_s=5)
        except SimulatorError:
            found = self._count(kind, outcome)
            raise StoryError(f"{found} messages {kind} have ended {outcome}, not {count}") from None

    def _count(self, kind: str, outcome: str) -> int:
        fresh = [m for key, m in self._world.traffic.messages.items() if key not in self._seen_before]
        return sum(1 for m in fresh if m.type == kind and m.outcome == outcome and (m.kind == "news" or is_id(m.id)))

"""Carrying out the plan's faults, and ending them all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from deskwire import envelope, messages, topics
from simulators.faults import people
from simulators.faults.broker import Message

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulators.faults.plan import Fault
    from simulators.faults.world import World


def strike(world: World, fault: Fault) -> None:
    """Carry out one fault."""
    world.struck += 1
    world.note("fault", str(fault)[11:])
    family, _, kind = fault.kind.partition(".")
    if family == "link":
        if fault.target in world.links:
            world.links[fault.target].afflict(kind, fault.for_ms, fault.share)
        return
    _STRIKES[fault.kind](world, fault)


def heal(world: World) -> None:
    """End every fault: what is down comes up, what is broken works."""
    world.note("fault", "all faults end")
    for link in world.links.values():
        link.heal()
    world.hub.disk.is_full = False
    world.hub.doom = ""
    world.backend.store.is_down = False
    world.backend.store.harms.clear()
    world.backend.spoil.clear()
    world.backend.mood = ""
    world.broker.corrupt = 0
    world.broker.holds_until_ms = 0
    for machine in world.machines.values():
        machine.harms.clear()
        machine.radio = True
    for part in (world.backend, world.hub, world.broker):
        if not part.up:
            _up(part)


def _up(part: Any) -> None:
    if not part.up:
        (part.restart if hasattr(part, "restart") else part.start)()


def _power(world: World, fault: Fault) -> None:
    world.machines[fault.target].die(fault.for_ms)


def _radio(world: World, fault: Fault) -> None:
    machine = world.machines[fault.target]
    machine.radio = False
    world.loop.after(fault.for_ms, setattr, machine, "radio", True)  # noqa: FBT003


def _clock(name: str) -> Callable[[World, Fault], None]:
    def jump(world: World, fault: Fault) -> None:
        clock = fault.target if name == "terminal" else name
        seconds = fault.number if name != "backend" else abs(fault.number)
        world.skew_s[clock] = world.skew_s.get(clock, 0) + seconds

    return jump


def _flash(what: str) -> Callable[[World, Fault], None]:
    def prepare(world: World, fault: Fault) -> None:
        world.machines[fault.target].harms.append([fault.number, what, fault.share, fault.for_ms])

    return prepare


def _hub_down(world: World, fault: Fault, swap: Callable[[], None] | None = None) -> None:
    if world.hub.up:
        world.check_custody()
        world.hub.crash()
        world.loop.after(fault.for_ms, _up, world.hub)
    if swap is not None:
        swap()
        world.hub.custody.clear()  # what stood on the other disk is gone: the terminals hold it


def _hub_crash(world: World, fault: Fault) -> None:
    _hub_down(world, fault)


def _hub_step(world: World, fault: Fault) -> None:
    world.hub.doom = fault.target


def _hub_replaced(world: World, fault: Fault) -> None:
    _hub_down(world, fault, lambda: world.hub.disk.replace(by_older=False))


def _hub_restored(world: World, fault: Fault) -> None:
    _hub_down(world, fault, lambda: world.hub.disk.replace(by_older=True))


def _hub_copied(world: World, _fault: Fault) -> None:
    world.hub.disk.remember()


def _disk_full(world: World, fault: Fault) -> None:
    world.hub.disk.is_full = True
    world.loop.after(fault.for_ms, setattr, world.hub.disk, "is_full", False)  # noqa: FBT003


def _broker_down(*, forget: bool) -> Callable[[World, Fault], None]:
    def stop(world: World, fault: Fault) -> None:
        if world.broker.up:
            world.broker.crash(forget=forget)
            world.loop.after(fault.for_ms, _up, world.broker)

    return stop


def _corrupts(world: World, fault: Fault) -> None:
    world.broker.corrupt += fault.number


def _holds(world: World, fault: Fault) -> None:
    """For a while the broker lets messages lie before it hands them on."""
    world.broker.holds_until_ms = world.loop.now_ms + fault.for_ms


def _freezes(world: World, fault: Fault) -> None:
    """Staff freeze a wallet, and free it again."""
    number = people.WALLETS[fault.number % len(people.WALLETS)]

    def turn(status: str) -> None:
        wallets = world.backend.tables.rows.wallets
        if wallets[number].status in {"active", "frozen"}:
            wallets[number] = wallets[number]._replace(status=status)

    turn("frozen")
    world.loop.after(fault.for_ms, turn, "active")


def _replays(world: World, fault: Fault) -> None:
    """Messages of before are published again, by whoever has seen them."""
    known = list(world.broker.history)
    for message in known[:: max(1, len(known) // fault.number)][: fault.number]:
        world.broker.publish(message)


def _forges(world: World, fault: Fault) -> None:
    """Acks, answers and news that the backend never made, under a key that nobody has."""
    machine = world.machines[fault.target]
    if not machine.alive:
        return
    waiting = [machine.journal.read(place) for place in range(min(len(machine.journal), fault.number))]
    now = world.backend.now()
    for name, jws, _ in waiting:
        payload = messages.build_ack(name, machine.name, now, {"booked": "as_told"})
        _inject(world, topics.answer(machine.name), payload, envelope.split(jws).ksn)
    for ask in machine.terminal._asks.pending.values():  # noqa: SLF001  (a forger who guesses well)
        payload = messages.build_refusal(ask.id, machine.name, now, "account_blocked", {})
        _inject(world, topics.answer(machine.name), payload, ask.ksn)
    session = world.backend.tables.rows.terminal_states[machine.name].session_ksn
    sales = [row for row in machine.desk.rows if row["type"] == "sale"][:1]
    if session:
        for row in sales:
            body = {
                "sale": row["operation"],
                "amount_minor": row["amount"],
                "currency": row["currency"],
                "authorisation_code": "999999",
                "paid_at": now,
                "payer": "F*****",
            }
            payload = messages.build_news(9_999, machine.name, now, now + 60, "sale.paid", body)
            _inject(world, topics.news(machine.name), payload, session)


def _inject(world: World, topic: str, payload: bytes, ksn: bytes) -> None:
    world.broker.publish(Message(topic, envelope.seal(payload, ksn, bytes(32))))


def _backend_crash(world: World, fault: Fault) -> None:
    if world.backend.up:
        world.backend.crash()
        world.loop.after(fault.for_ms, _up, world.backend)


def _harm(how: str) -> Callable[[World, Fault], None]:
    def prepare(world: World, fault: Fault) -> None:
        world.backend.store.harms += [how] * fault.number

    return prepare


def _database_down(world: World, fault: Fault) -> None:
    world.backend.store.is_down = True

    def back() -> None:
        world.backend.store.is_down = False

    world.loop.after(fault.for_ms, back)


def _spoil(how: str) -> Callable[[World, Fault], None]:
    def prepare(world: World, fault: Fault) -> None:
        world.backend.spoil += [how] * fault.number

    return prepare


def _mood(outcome: str) -> Callable[[World, Fault], None]:
    def begin(world: World, fault: Fault) -> None:
        world.backend.mood = outcome
        world.loop.after(fault.for_ms, setattr, world.backend, "mood", "")

    return begin


_STRIKES: dict[str, Callable[[World, Fault], None]] = {
    "terminal.power": _power,
    "terminal.radio": _radio,
    "terminal.clock": _clock("terminal"),
    "flash.cut": _flash("cut"),
    "flash.error": _flash("error"),
    "hub.crash": _hub_crash,
    "hub.step": _hub_step,
    "hub.disk_full": _disk_full,
    "hub.replaced": _hub_replaced,
    "hub.copied": _hub_copied,
    "hub.restored": _hub_restored,
    "hub.clock": _clock("hub"),
    "broker.crash": _broker_down(forget=False),
    "broker.forgets": _broker_down(forget=True),
    "broker.corrupts": _corrupts,
    "broker.replays": _replays,
    "broker.holds": _holds,
    "broker.forges": _forges,
    "backend.crash": _backend_crash,
    "backend.commit_fails": _harm("before"),
    "backend.commit_unheard": _harm("after"),
    "backend.commit_conflicts": _harm("conflict"),
    "backend.database_down": _database_down,
    "backend.answer_lost": _spoil("lost"),
    "backend.answer_spoiled": _spoil("server_error"),
    "backend.busy": _mood("busy"),
    "backend.garbage": _mood("garbage"),
    "backend.clock": _clock("backend"),
    "backend.freezes": _freezes,
}

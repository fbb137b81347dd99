"""Screens that end a flow: they wait for a key, or go away by themselves."""

#: Long enough to be read by a busy cashier; then the next customer's menu.
STAY_MS = 60_000
#: A customer's figures do not stay on the counter.
BALANCE_STAY_MS = 30_000


def leave(desk, event):  # noqa: ARG001
    """The cashier has read it."""
    desk.tone("key")
    return desk.home()


def ok_outcome(desk, event):
    """# leaves, except where it might have meant "paid" a moment too late: there only * does."""
    if desk.shown_outcome[0] == "voided":
        desk.tone("warn")
        desk.say("Not paid. Press * to go on")
        return "outcome"
    return leave(desk, event)


def tick(desk, event):  # noqa: ARG001
    """Leave by itself after a while."""
    return desk.home() if desk.now_ms - desk.since_ms >= STAY_MS else desk.state


def tick_outcome(desk, event):
    """An outcome that is still being checked stays until it is known."""
    return "outcome" if desk.op is not None else tick(desk, event)


def tick_balance(desk, event):  # noqa: ARG001
    """Clear the figures."""
    return desk.home() if desk.now_ms - desk.since_ms >= BALANCE_STAY_MS else desk.state

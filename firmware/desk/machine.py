"""The desk as one machine: every transition in one table, events in, commands out."""

import sys

from desk import commands, lazy, screens
from desk.context import Context
from desk.flows import link
from desk.transitions import ROWS

#: The state half of a key that applies wherever the table has no row for the state itself.
ANY = "any"

#: A target that stands for the first of these that still wants something: the session, an operator, a drawer, work.
HOME = ("boot", "op_number", "drawer", "dr_counted", "menu")

#: Rows that a device keeps whole: (state, kind) -> (handler, targets). A host reads all of ROWS into it.
TABLE = {}  # type: dict[tuple[str, str], tuple]


def _row(state, kind):
    """The handler of that state and kind, and the states it may lead to; None where there is no such row."""
    row = TABLE.get((state, kind))
    if row is not None:
        return row
    start = ROWS.find("\n" + state + " " + kind + " ") + 1
    if not start:
        return None
    words = ROWS[start : ROWS.find("\n", start)].split(" ")
    handler = lazy.handler(words[2])
    if len(words) > 3 and words[3][0] == "*":
        return handler, lazy.module(words[3][1:]).TARGETS
    return handler, tuple(words[3:])


if sys.implementation.name != "micropython":
    for _line in ROWS.strip().split("\n"):
        _state, _kind = _line.split(" ")[:2]
        TABLE[_state, _kind] = _row(_state, _kind)

_KEY_KINDS = ("digit", "A", "B", "C", "D", "back", "ok")
#: Here every key sounds the same, also one that means nothing (PCI PTS B3).
PIN_STATES = (
    "op_pin",
    "out_pin",
    "bal_pin",
    "ap_pin",
    "tr_pin",
    "pk_secret",
    "pk_pin",
    "rd_secret",
    "cp_new",
    "cp_again",
    "ho_pin",
    "bi_pin",
)
_REPLIES = ("answer", "refused", "unanswered")


def _may_lead(targets, state):
    """Whether a row's targets name that state."""
    return state in targets or ("home" in targets and state in HOME)


class TransitionError(Exception):
    """A handler led to a state that its row of the table does not name."""


class Desk(Context):
    """One terminal's desk. `handle` takes an event and returns the commands to perform, in order."""

    def handle(self, event):
        """Change by one event; returns the list of commands. The view is shown whenever it differs from the last."""
        kind = self._kind_of(event)
        if kind == "tick":
            self._advance(event)
        row = _row(self.state, kind) or _row(ANY, kind)
        if row is None:
            self._miss(kind)
        else:
            if kind in _KEY_KINDS:
                self.notice = ""
            before = self.state
            self.state = row[0](self, event)
            if self.state != before and not _may_lead(row[1], self.state):
                raise TransitionError("{} + {} must not lead to {}".format(before, kind, self.state))
        if kind == "tick":
            link.check(self)
        view = screens.render(self)
        if view != self.shown:
            self.shown = view
            self.out.append(commands.Show(view))
        out = self.out
        self.out = []
        return out

    def _kind_of(self, event):
        """The event's kind; replies are told apart by whether the screen, the check behind it, or nobody waits."""
        kind = event.kind
        if kind not in _REPLIES:
            return kind
        if event.id == self.ask_id:
            self.ask_id = ""
            return kind
        if event.id == self.check_id:
            return "checked" if kind == "answer" else "unchecked"
        return "stale"

    def _advance(self, event):
        """Move time on; notices that stood long enough go."""
        self.now_ms = event.now_ms
        self.epoch_s = event.epoch_s
        if self.notice and self.now_ms >= self.notice_until_ms:
            self.notice = ""

    def _miss(self, kind):
        """An event that means nothing here changes nothing."""
        if kind not in _KEY_KINDS:
            self.out.append(commands.Note("{} means nothing in {}".format(kind, self.state)))
        else:
            self.tone("key" if self.state in PIN_STATES else "warn")

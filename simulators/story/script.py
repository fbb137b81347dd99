"""The scenario language: one step a line, read and checked before anything is played.

    story TITLE                     the first line: what a person would call it
    say TEXT                        a line for the reader of the conversation
    press KEYS                      keys with blanks between; {wallet1} types that wallet's number
    secret KEYS                     the same for a PIN: never printed
    screen NAME [SECONDS]           wait for that screen
    see TEXT                        wait until the screen's fields contain the text
    outcome KIND                    wait for an outcome screen of that kind
    tone NAME                       that tone sounded since the last `press` or `secret`
    silent NAME                     that tone did not
    paper TEXT                      the last receipt from the printer says so, in its text or its QR symbol
    no-copy                         the last receipt is not marked as a copy
    save NAME                       keep the screen as a picture
    phone N scan|confirm|decline    what the payer does; a scan reads the terminal's pixels
    phone N code [again]            the scanner reads the phone's fresh one-time code, or the last one again
    phone N card|receipt            the scanner reads the wallet's static code, or the receipt of its last payment
    phone N prefers pin|code        what the holder authorises cash-outs with
    phone N sends M AMOUNT          the holder of wallet N sends to wallet M
    scan TEXT                       the scanner reads that; {code} is the code last noted
    note FIELD                      keep a field's first run of digits for {code}, such as a code on the screen
    phone N notified TEXT           wait for a notice
    phone N refused REASON          confirm, and expect this refusal
    phone N top-up AMOUNT           money comes in from another wallet
    fault NAME on|off               flip a switch of the counter page
    wait SECONDS                    let time pass
    settle                          wait until terminal and hub have nothing left to tell
    expect ACCOUNT CHANGE           balance against the start of the story, to the minor unit
    held ACCOUNT AMOUNT             what holds keep back now
    together CHANGE ACCOUNT...      what several accounts have changed by, added up; each is then accounted for
    keep NAME LABEL                 remember the value beside that label on the screen; {NAME} types it later
    count ACCOUNT [CHANGE]          type, face by face, the cash that the account holds, or so much more or less
    amount ACCOUNT                  type the balance that the account has
    seen TYPE OUTCOME COUNT         messages of that type with that outcome the backend has taken in this story
    signed-on                       operator 101 is signed on and the menu is shown

Accounts: wallet1, wallet2, till, merchant, vault, fees, suspense, transit, over_short, order_cash, and what we owe the
rails billers and wallets. What no `expect` names must not have moved.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulators.run.demo import ACCOUNTS
from simulators.waiting import SimulatorError

if TYPE_CHECKING:
    from pathlib import Path

#: verb -> how many words may follow (least, most); None: the rest of the line is one text.
VERBS: dict[str, tuple[int, int] | None] = {
    "say": None,
    "see": None,
    "paper": None,
    "no-copy": (0, 0),
    "press": (1, 60),
    "secret": (1, 20),
    "screen": (1, 2),
    "outcome": (1, 1),
    "tone": (1, 1),
    "silent": (1, 1),
    "save": (1, 1),
    "phone": (2, 12),
    "scan": (1, 1),
    "note": (1, 1),
    "fault": (2, 2),
    "wait": (1, 1),
    "settle": (0, 0),
    "expect": (2, 2),
    "held": (2, 2),
    "together": (2, 8),
    "keep": (2, 2),
    "count": (1, 2),
    "amount": (1, 1),
    "seen": (3, 3),
    "signed-on": (0, 0),
}
_KEY = re.compile(r"[0-9ABCD*#]|\{[a-z]+[12]?\}")
_AMOUNT = re.compile(r"[+-]?\d+(\.\d+)?")


class ScriptError(SimulatorError):
    """A scenario file is wrong; the message names file, line and what was expected."""


@dataclass(frozen=True)
class Step:
    """One line: its number, its verb and its words."""

    line: int
    verb: str
    words: tuple[str, ...]

    @property
    def text(self) -> str:
        """The line as it is printed; a secret keeps its keys to itself."""
        return f"{self.verb} {'*' * len(self.words)}" if self.verb == "secret" else " ".join([self.verb, *self.words])


@dataclass(frozen=True)
class Scenario:
    """A file: its name, its title and its steps."""

    name: str
    title: str
    steps: tuple[Step, ...]


def load(path: Path) -> Scenario:
    """Read and check one scenario file."""
    return parse(path.stem, path.read_text("utf-8"))


def parse(name: str, text: str) -> Scenario:
    """Check a scenario's text."""
    title, steps = "", []
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("# "):
            continue
        verb, _, rest = line.partition(" ")
        if verb == "story":
            title = rest.strip()
        else:
            steps.append(_step(f"{name}, line {number}", number, verb, rest.strip()))
    if not title:
        raise ScriptError(f"{name}: the first line must be `story TITLE`")
    return Scenario(name, title, tuple(steps))


def _step(where: str, number: int, verb: str, rest: str) -> Step:
    if verb not in VERBS:
        raise ScriptError(f"{where}: no step is called {verb!r}. Steps: {', '.join(VERBS)}")
    allowed = VERBS[verb]
    if allowed is None:
        if not rest:
            raise ScriptError(f"{where}: {verb} needs a text")
        return Step(number, verb, (rest,))
    words = tuple(rest.split() if verb in {"press", "secret"} else shlex.split(rest))
    if not allowed[0] <= len(words) <= allowed[1]:
        raise ScriptError(f"{where}: {verb} takes {allowed[0]} to {allowed[1]} words, not {len(words)}")
    _check_words(where, verb, words)
    return Step(number, verb, words)


def _check_words(where: str, verb: str, words: tuple[str, ...]) -> None:
    if verb in {"press", "secret"}:
        for word in words:
            if not _KEY.fullmatch(word):
                raise ScriptError(
                    f"{where}: {word!r} is not a key; keys are 0 to 9, A to D, * and #, with blanks between"
                )
    if verb in {"expect", "held"}:
        if words[0] not in ACCOUNTS:
            raise ScriptError(f"{where}: no account is called {words[0]!r}. Accounts: {', '.join(ACCOUNTS)}")
        if not _AMOUNT.fullmatch(words[1]):
            raise ScriptError(f"{where}: {words[1]!r} is not an amount such as +12.50")
    if verb == "fault" and words[1] not in {"on", "off"}:
        raise ScriptError(f"{where}: a fault is switched on or off, not {words[1]!r}")
    if verb == "phone" and (words[0] not in {"1", "2"} or words[1] not in _PHONE_VERBS):
        raise ScriptError(f"{where}: phone 1 or 2, then one of {', '.join(_PHONE_VERBS)}")


_PHONE_VERBS = (
    "scan",
    "confirm",
    "decline",
    "notified",
    "refused",
    "code",
    "card",
    "receipt",
    "prefers",
    "sends",
    "top-up",
)

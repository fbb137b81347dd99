"""Conversations with the desk: `>> event` and `<< command` lines; a mismatch shows the whole dialogue so far.

Events
    >> keys 1250#                  each key pressed in turn
    >> scan TEXT                   the scanner read a code
    >> tick 10                     so many seconds pass, one tick a second
    >> link online                 the link changed
    >> hello [{json}]              the backend greeted (defaults in HELLO)
    >> answer TYPE {json}          to the last ask of that type
    >> refused TYPE REASON [tries_left or {json}]
    >> unanswered TYPE sent|unsent
    >> acked TYPE BOOKED           the last tell of that type
    >> news NAME {json} [late]
    >> queue WAITING OLDEST_S
    >> failed KIND TEXT            the last command of that kind could not be performed
    >> power cut                   a new desk boots from what was stored and told
In JSON, $sale, $cash_in and $cash_out stand for the last such operation's id, $now for the clock.

Commands
    << show SCREEN field=value ...     the last view of the step; only the fields named are compared
    << tone NAME                       the key tone is left out (it is expected once for each key by `key_tones`)
    << ask TYPE field=value ... [+pin ACCOUNT, or +pins ACCOUNT for two entries]
    << tell TYPE field=value ...
    << store TYPE:STATE ...            rows newest first, `*` where a tell is not acked; `-` for none
    << note ...
    << print TYPE field=value ...      of the receipt
Every command of a step must stand there, in order.
"""

import json

from desk import events, views
from desk.machine import Desk
from deskwire import catalogue

HELLO = {
    "session": "0" * 24,
    "currency": "AZN",
    "country": "AZ",
    "mcc": "5411",
    "merchant_name": "Corner Shop",
    "merchant_city": "Baku",
    "outlet": "1",
    "config_version": 1,
    "operators_version": 1,
    "drawer": None,
    "services": ["sale", "cash_in", "cash_out", "balance", "drawer"],
    "sale_ttl_s": 300,
    "hold_ttl_s": 120,
}
DRAWER = {"drawer": "0" * 26, "state": "open", "operator": "101", "cash_minor": 10000}
EPOCH = 1_800_000_000
ACCOUNT = "9000000000000001"

#: The steps that bring a fresh terminal to the menu with an open drawer; dialogues start after them.
TO_MENU = (
    ">> link online",
    ">> hello",
    ">> keys 101#1357#",
    '>> answer operator.sign_on {"operator":"101","name":"Cashier One","role":"cashier","drawer":$drawer}',
)


class Mismatch(AssertionError):  # noqa: N818
    """What was said is not what was expected."""


class Dialogue:
    """One desk, its last asks and tells by type, and what was said so far."""

    def __init__(self):
        self.count = 0
        self.clock_s = 0
        self.asks = {}
        self.tells = {}
        self.unacked = []
        self.stored = []
        self.operations = {}
        self.last = {}
        self.key_tones = 0
        self.desk = None
        self.said = []
        self._start(events.Booted())

    def _random16(self):
        self.count += 1
        return self.count.to_bytes(16, "big")

    def _start(self, booted):
        self.desk = Desk("AZN", self._random16)
        tick = events.Tick(self.clock_s * 1000, EPOCH + self.clock_s)
        return self.desk.handle(booted) + self.desk.handle(tick)

    # --- events ----------------------------------------------------------------------------------------------------

    def _json(self, text):
        for name in self.operations:
            text = text.replace("$" + name, '"' + self.operations[name] + '"')
        text = text.replace("$now", str(EPOCH + self.clock_s)).replace("$drawer", json.dumps(DRAWER))
        return json.loads(text)

    def do(self, line):
        """Perform one `>>` line; returns the commands."""
        verb, _, rest = line.partition(" ")
        if verb == "keys":
            return self._all([events.Key(key) for key in rest])
        if verb == "tick":
            return self._ticks(int(rest))
        if verb == "power":
            return self._power_cut()
        if verb == "scan":
            return self._all([events.Scan(rest)])
        return self._all([self._event(verb, rest)])

    def _event(self, verb, rest):
        words = rest.split(" ", 1)
        name = words[0]
        more = words[1] if len(words) > 1 else ""
        if verb == "link":
            return events.Link(name)
        if verb == "hello":
            body = dict(HELLO)
            body.update(self._json(rest) if rest else {})
            return events.Hello(body)
        if verb == "unwelcome":
            return events.HelloRefused(name)
        if verb == "answer":
            return events.Answer(self.asks[name], self._json(more), EPOCH + self.clock_s)
        if verb == "refused":
            return self._refused(name, more)
        if verb == "unanswered":
            return events.Unanswered(self.asks[name], more == "sent")
        if verb == "acked":
            self.unacked = [told for told in self.unacked if told[0] != self.tells[name]]
            return events.Acked(self.tells[name], more)
        if verb == "news":
            late = more.endswith(" late")
            return events.News(name, self._json(more[:-5] if late else more), late)
        if verb == "queue":
            return events.Queue(int(name), int(more))
        if verb == "failed":
            kind, command_id = name, ""
            command = self.last.get(kind)
            if command is not None and kind != "store":
                command_id = command.id
            return events.EffectFailed(kind, more, command_id)
        raise ValueError("no such step: " + verb)

    def _refused(self, name, more):
        reason, _, tries = more.partition(" ")
        if tries[:1] == "{":
            return events.Refused(self.asks[name], reason, self._json(tries))
        return events.Refused(self.asks[name], reason, {"tries_left": int(tries)} if tries else {})

    def _all(self, several):
        out = []
        for event in several:
            out += self.desk.handle(event)
        return out

    def _ticks(self, seconds):
        out = []
        for _ in range(seconds):
            self.clock_s += 1
            out += self.desk.handle(events.Tick(self.clock_s * 1000, EPOCH + self.clock_s))
        return out

    def _power_cut(self):
        tells = list(self.unacked)
        return self._start(events.Booted(json.loads(json.dumps(self.stored)), tells, len(tells), 0))

    # --- commands --------------------------------------------------------------------------------------------------

    def observe(self, out):
        """Remember what later steps refer to, check every view, and put the commands into lines to compare."""
        lines = []
        show = None
        self.key_tones = 0
        for command in out:
            kind = command.kind
            self.last[kind] = command
            if kind == "show":
                views.check(command.view)
                show = command.view
            elif kind == "tone" and command.name == "key":
                self.key_tones += 1
            elif kind == "tone":
                lines.append(("tone", command.name, {}))
            elif kind == "store":
                self.stored = command.rows
                lines.append(("store", self._rows(command.rows), {}))
            elif kind == "print":
                lines.append(("print", command.fields["type"], dict(command.fields, copy=command.copy)))
            elif kind == "note":
                lines.append(("note", command.text, {}))
            else:
                lines.append(self._message(command))
        if show is not None:
            lines.append(("show", show[0], show[1]))
        return lines

    def _rows(self, rows):
        for row in reversed(rows):
            self.operations[row["type"]] = row["operation"]
        return " ".join([row["type"] + ":" + row["state"] + ("*" if row["tell"] else "") for row in rows]) or "-"

    def _message(self, command):
        """A message to compare; what the terminal builds must fit the catalogue, which it has no room to check."""
        body = dict(command.body)
        if command.kind == "ask" and command.pin is not None:
            body["pin_block"] = "00" * 16
            if command.pin.first is not None:
                body["pin_block_again"] = "00" * 16
        catalogue.check_body(command.kind, command.type, body)
        if command.kind == "tell":
            self.tells[command.type] = command.id
            body = command.body
            operation = body.get("operation") or body.get("sale") or ""
            told = (command.id, command.type, operation, body.get("amount_minor", 0), body.get("currency", ""))
            self.unacked.append(told)
            return "tell", command.type, body
        self.asks[command.type] = command.id
        if command.type in ("sale.open", "cash_in.quote", "cash_out.authorize"):
            self.operations[{"sale.open": "sale", "cash_in.quote": "cash_in"}.get(command.type, "cash_out")] = (
                command.id
            )
        if command.pin is None:
            return "ask", command.type, command.body
        typed = " +pin " if command.pin.first is None else " +pins "
        command.pin.take(lambda digits: None)
        return "ask", command.type + typed + command.account, command.body


def _written(line):
    kind, name, fields = line
    parts = ["<< " + kind, name] + [f"{key}={fields[key]}" for key in sorted(fields)]
    return " ".join(parts)


def _matches(expected, line):
    """Whether one `<<` line fits: kind and name equal, each field named equal; `_` stands for a space in a value."""
    kind, name, fields = line
    head = "<< " + kind + " " + name
    if not (expected == head or expected.startswith(head + " ")):
        return False
    for word in expected[len(head) :].split():
        key, _, value = word.partition("=")
        if key not in fields or str(fields[key]).replace(" ", "_") != value:
            return False
    return True


def _steps(text):
    """(the `>>` line, its `<<` lines) for each step of the text."""
    steps = []
    for raw in text.split("\n"):
        line = raw.strip()
        if line.startswith(">>"):
            steps.append((line, []))
        elif line.startswith("<<"):
            steps[-1][1].append(line)
        elif line and not line.startswith("#"):
            raise ValueError("not a step: " + line)
    return steps


def talk(text, at_menu=True):
    """Hold the conversation; returns the Dialogue. With `at_menu` it starts signed on, at the menu."""
    dialogue = Dialogue()
    if at_menu:
        for line in TO_MENU:
            dialogue.observe(dialogue.do(line[3:]))
    for step, expected in _steps(text):
        dialogue.said.append(step)
        lines = dialogue.observe(dialogue.do(step[3:]))
        dialogue.said += [_written(line) for line in lines]
        fits = len(lines) == len(expected)
        for i in range(min(len(lines), len(expected))):
            fits = fits and _matches(expected[i], lines[i])
        if not fits:
            lines = ["", "said:"] + dialogue.said + ["", "expected:"] + expected  # noqa: RUF005  (not on the device)
            raise Mismatch("\n".join(lines))
    return dialogue

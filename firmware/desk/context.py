"""What the desk remembers between events, and the few verbs its handlers use."""

from desk import commands, lazy, rows, texts
from desk.pin_entry import PinEntry
from deskwire import ids

#: How long a notice stays when no key is pressed.
NOTICE_MS = 8_000


class Context:
    """The memory of one desk. Handlers change it and return the name of the next state."""

    def __init__(self, currency, random16):
        self.random16 = random16
        self.state = "boot"
        self.out = []
        self.now_ms = 0
        self.epoch_s = 0
        self.link = "no_broker"
        self.waiting = 0
        self.oldest_s = 0
        self.notice = ""
        self.notice_until_ms = 0
        # the session with the backend
        self.greeted = False
        self.currency = currency
        self.merchant = ""
        self.services = ()
        self.issuer = {}  # what receipts say of whom they are from
        # who works here
        self.operator = ""
        self.operator_name = ""
        self.role = ""
        self.drawer = ""
        self.drawer_minor = 0
        self.counted = -1  # what the open drawer was counted at; -1 until then
        self.low_minor = 0
        self.high_minor = 0
        self.sign_off_until_ms = 0
        # what is being typed
        self.flow = "sign_on"
        self.digits = ""
        self.amount = 0
        self.pin = None
        # what is being asked, in the foreground and behind it
        self.ask_id = ""
        self.asked_ms = 0
        self.wait_text = ""
        self.check_id = ""
        self.check_at_ms = 0
        self.check_tries = 0
        # what is on the screen
        self.op = None
        self.answer = {}
        self.deadline_ms = 0
        self.retry_at_ms = 0
        self.retries = 0
        self.since_ms = 0
        self.paid = None
        self.finished = None  # the row of the payment on the screen, if it is known
        self.printed = ""  # the operation whose receipt was printed last
        self.shown_outcome = None
        self.proof = ""  # the ask whose one-time code may stand for the payer's PIN
        self.work = {}  # what a flow carries from step to step
        self.page = {}  # the fields of the generic screen on show
        self.bill = {}  # what is being paid by rails
        self.wanted = None  # the approval being asked for
        self.pieces = []  # (face, count) of the count under way
        self.anyway_until_ms = 0
        self.fault = ""
        self.rows = []
        self.checked = ()
        self.shown = None

    # --- verbs -----------------------------------------------------------------------------------------------------

    def tone(self, name):
        """Play a tone."""
        self.out.append(commands.Tone(name))

    def say(self, text, for_ms=NOTICE_MS):
        """Show one line of notice for a while."""
        self.notice = text
        self.notice_until_ms = self.now_ms + for_ms

    def new_id(self):
        """A fresh id for a message or an operation."""
        return ids.make(self.random16())

    def store(self):
        """Have the recorded operations written before anything later happens."""
        self.out.append(commands.Store([dict(row) for row in self.rows]))

    def ask(self, kind, body, text, *, id="", pin=None, account=None):  # noqa: A002
        """Ask in the foreground: its answer comes to the state that follows."""
        self.ask_id = id or self.new_id()
        self.asked_ms = self.now_ms
        self.wait_text = text
        self.out.append(commands.Ask(self.ask_id, kind, body, pin, account))

    def ask_behind(self, id, kind, body):  # noqa: A002
        """Ask behind the screen: no state waits for the answer."""
        self.out.append(commands.Ask(id, kind, body))

    def tell(self, kind, body, row=None):
        """Tell what happened; `row`, if given, waits for the ack and is stored."""
        tell_id = self.new_id()
        self.out.append(commands.Tell(tell_id, kind, body))
        if row is not None:
            row["tell"] = tell_id
            self.store()

    def open_pin(self):
        """Begin a PIN entry."""
        self.close_pin()
        self.pin = PinEntry(self.now_ms)

    def close_pin(self):
        """Wipe the PIN entry, if there is one."""
        if self.pin is not None:
            self.pin.wipe()
            self.pin = None

    def hand_over_pin(self):
        """The PIN entry, for the one ask that seals it; the desk keeps nothing."""
        pin = self.pin
        self.pin = None
        return pin

    # --- where to go next ------------------------------------------------------------------------------------------

    def home(self):
        """The state to return to when nothing is going on."""
        self.close_pin()
        lazy.forget()
        self.ask_id = ""
        self.op = None
        self.paid = None
        self.finished = None
        self.wanted = None
        self.pieces = []
        self.proof = ""
        self.work = {}
        self.digits = ""
        self.amount = 0
        if not self.greeted:
            return "boot"
        if not self.operator:
            return "op_number"
        if not self.drawer:
            return "drawer"
        return "menu" if self.counted < 0 else "dr_counted"

    def outcome(self, kind, title, text, tries_left=None):
        """End a flow by one of the outcomes, told apart by `kind`."""
        self.close_pin()
        self.ask_id = ""
        self.since_ms = self.now_ms
        self.shown_outcome = (kind, title, text, tries_left)
        self.tone({"refused": "refused", "voided": "ok", "cancelled": "ok"}.get(kind, "attention"))
        if kind != "unknown_checking":
            self.op = None
        return "outcome"

    def refused(self, event):
        """End a flow by the refusal in `event`; the recorded operation, if any, ends with it."""
        if self.op is not None:
            self.op["state"] = "refused"
            self.store()
        if event.reason == "drawer_closed":
            self.drawer = ""
        elif event.reason == "not_signed_on":
            self.operator = ""
        tries = event.details.get("tries_left")
        return self.outcome("refused", "REFUSED", texts.refusal(event.reason, event.details), tries)

    def unreachable(self, why=""):
        """End a flow because nobody could be asked; what never left the terminal is not recorded.

        `why` adds what a cashier must know about this flow.
        """
        if self.op is not None:
            self.rows = [row for row in self.rows if row is not self.op]
            self.store()
        title = "NO ANSWER" if self.is_online() else "NO CONNECTION"
        return self.outcome("unreachable", title, (texts.UNREACHABLE[self.link] + " " + why).rstrip())

    def is_online(self):
        """Whether an ask has a way to the backend now."""
        return self.link == "online"

    def cash_mark(self):
        """Whether the drawer's cash is below or above its branch's limits; a limit of 0 is none."""
        if self.drawer_minor < self.low_minor:
            return "low"
        return "high" if self.drawer_minor > self.high_minor > 0 else ""

    def record(self, kind, operation):
        """Begin the record of an operation and store it before its ask is sent."""
        self.op = rows.new(operation, kind, self.amount, self.currency, self.epoch_s)
        rows.add(self.rows, self.op)
        return self.op

"""What the desk wants done. The shell performs commands in order; if one fails, the rest of the list is dropped."""


class Show:
    """Paint `view`, a tuple (screen, fields) of `desk.views`."""

    kind = "show"
    __slots__ = ("view",)

    def __init__(self, view):
        self.view = view


class Tone:
    """Play one of `views.TONES`."""

    kind = "tone"
    __slots__ = ("name",)

    def __init__(self, name):
        self.name = name


class Store:
    """Write the recorded operations to flash before anything after this command happens."""

    kind = "store"
    __slots__ = ("rows",)

    def __init__(self, rows):
        self.rows = rows


class Ask:
    """Send an ask. With `pin` (a PinEntry), its PIN block for `account` goes into the body; the entry is wiped."""

    kind = "ask"
    __slots__ = ("account", "body", "id", "pin", "type")

    def __init__(self, id, type, body, pin=None, account=None):  # noqa: A002
        self.id = id
        self.type = type
        self.body = body
        self.pin = pin
        self.account = account

    def __repr__(self):
        return "Ask({})".format(self.type)


class Tell:
    """Write a tell to the journal, then send it until it is acked."""

    kind = "tell"
    __slots__ = ("body", "id", "type")

    def __init__(self, id, type, body):  # noqa: A002
        self.id = id
        self.type = type
        self.body = body

    def __repr__(self):
        return "Tell({})".format(self.type)


class Print:
    """Print the receipt of an operation; as a copy, it says so."""

    kind = "print"
    __slots__ = ("copy", "fields", "id")

    def __init__(self, id, fields, copy):  # noqa: A002
        self.id = id
        self.fields = fields
        self.copy = copy


class Note:
    """A line for the log: something that should not happen, happened, and changed nothing."""

    kind = "note"
    __slots__ = ("text",)

    def __init__(self, text):
        self.text = text

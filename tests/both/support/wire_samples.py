"""Messages for tests: a right value for every field spec of the catalogue, and wrong ones beside it."""

from deskwire import accounts, ids, money

ID = ids.make(bytes(range(16)))
ACCOUNT = accounts.complete("970000000000001")
TERMINAL = "T0000001"

_RIGHT = {
    "id": ID,
    "bool": True,
    "account": ACCOUNT,
    "currency": "AZN",
    "terminal": TERMINAL,
    "any": {},
}

#: Wrong for every spec but those that are marked.
WRONG = (None, True, 1.5, -1, 10**13, "", "x\x00y", "x\u202ey", "\u0661" * 6, [], {}, ["x"], {"x": 1}, "x" * 600)


def right(spec):
    """A value that the spec allows, at its upper bound where it has one."""
    kind = spec[0]
    if kind in _RIGHT:
        return _RIGHT[kind]
    if kind == "text":
        return "Ə" * spec[2]
    if kind in {"integer", "amount"}:
        return spec[2]
    if kind == "digits":
        return "7" * spec[2]
    if kind == "hex":
        return "A" * spec[1]
    if kind == "choice":
        return spec[1][-1]
    if kind == "nullable":
        return right(spec[1])
    if kind == "list":
        return [right(spec[1])] * spec[3]
    return {name: right(spec[1][name][0]) for name in spec[2]}


def allows(spec, value):
    """Whether a value of WRONG is right for this spec after all."""
    kind = spec[0]
    if value is None:
        return kind == "nullable"
    if value is True:
        return kind == "bool"
    if kind == "nullable":
        return allows(spec[1], value)
    if isinstance(value, int):
        return kind in {"integer", "amount"} and spec[1] <= value <= spec[2]
    if value == "":
        return kind == "text" and spec[1] == 0
    if value == "\u0661" * 6:
        return kind == "text" and spec[1] <= 6 <= spec[2]
    if value == []:
        return kind == "list" and spec[2] == 0
    if value == ["x"]:
        return kind == "list" and spec[1][0] == "text"
    return False


def up(kind, name, body):
    """A whole message as a dict."""
    return {
        "v": 1,
        "kind": kind,
        "type": name,
        "id": ID,
        "terminal": TERMINAL,
        "time": 1790000000,
        "clock_set": True,
        "body": body,
    }


assert money.MAX_AMOUNT_MINOR < 10**13

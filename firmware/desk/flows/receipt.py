"""Receipts on paper: the first from the screen that ends an operation, copies from the second menu."""

from desk import commands, rows


def _print(desk, row, copy):
    """Have the row's receipt printed."""
    fields = dict(row)
    fields.update(desk.issuer)
    desk.out.append(commands.Print(row["operation"], fields, copy))
    desk.tone("ok")
    desk.say("Printing the receipt")


def copy(desk, event):  # noqa: ARG001
    """The second menu's item: a copy of the last receipt."""
    row = rows.finished(desk.rows)
    if row is None:
        desk.tone("warn")
        desk.say("Nothing to print yet")
    else:
        _print(desk, row, copy=True)
    return desk.home()


def key(desk, event):
    """0 on the screen that ends an operation prints its receipt; once more, a copy."""
    row = desk.op or desk.finished
    if event.key != "0" or row is None:
        desk.tone("warn")
    else:
        _print(desk, row, copy=desk.printed == row["operation"])
        desk.printed = row["operation"]
    return desk.state


def failed(desk, event):
    """Nothing came out: the operation stands all the same, and its receipt can be printed again."""
    if desk.printed == event.id:
        desk.printed = ""
    desk.tone("attention")
    desk.say(event.text)
    return desk.state

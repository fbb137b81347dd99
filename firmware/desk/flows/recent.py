"""Was it paid? The last five operations, as the backend knows them now, or as the terminal last knew them."""

from desk import rows


def refresh(desk, event):  # noqa: ARG001
    """Show what is known and, with a line, ask for the truth."""
    desk.checked = ()
    desk.ask_id = ""
    operations = [row["operation"] for row in desk.rows[: rows.SHOWN]]
    if not operations:
        return "recent"
    if desk.is_online():
        desk.ask("operation.status", {"operations": operations}, "")
    else:
        desk.say("Not checked: no connection")
    return "recent"


def again(desk, event):
    """D once more: ask again."""
    desk.tone("key")
    return refresh(desk, event)


def answered(desk, event):
    """Take over the backend's word, row by row."""
    checked = []
    for told in event.body["operations"]:
        row = rows.find(desk.rows, told["operation"])
        if row is not None and rows.apply_status(row, told):
            checked.append(row["operation"])
    desk.checked = tuple(checked)
    desk.store()
    return "recent"


def unanswered(desk, event):  # noqa: ARG001
    """What is shown stays marked as not checked."""
    desk.say("Not checked: no answer")
    return "recent"


def leave(desk, event):  # noqa: ARG001
    """Back to the menu."""
    desk.tone("key")
    return desk.home()

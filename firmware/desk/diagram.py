"""The diagram of docs/terminal-states.md, drawn from the machine's table."""

from desk.machine import ANY, HOME, TABLE

_KEYS = {"ok": "#", "back": "*"}


def _label(kind):
    """How an event is written on an edge."""
    return _KEYS.get(kind, kind)


def mermaid():
    """The state diagram in Mermaid: one edge for each pair of states, labelled with the events that lead there."""
    edges = {}  # type: dict[tuple[str, str], list[str]]
    order = []
    for (state, kind), (_, targets) in sorted(TABLE.items(), key=lambda row: row[0]):
        for target in targets:
            if (state, target) not in edges:
                edges[(state, target)] = []
                order.append((state, target))
            edges[(state, target)].append(_label(kind))
    lines = ["stateDiagram-v2", "    [*] --> boot"]
    for state, target in order:
        lines.append("    {} --> {}: {}".format(state, target, ", ".join(edges[(state, target)])))
    lines += ["    home --> " + target for target in HOME]
    lines.append("    note right of home: the first that still wants something")
    lines.append("    note right of {}: wherever the desk is".format(ANY))
    return "\n".join(lines) + "\n"


def page():
    """The whole of docs/terminal-states.md."""
    return (
        "# The terminal's states\n\n"
        "Drawn from the table in `firmware/desk/transitions.py` by `desk.diagram.page()`; a test holds the two\n"
        "equal. Events that stay in a state (digits, most ticks, acks) have no edge. `any` stands for every state.\n\n"
        "```mermaid\n" + mermaid() + "```\n"
    )

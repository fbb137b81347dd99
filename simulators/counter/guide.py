"""The help box: five stories to try, with the demo world's numbers and PINs."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulators.run.demo import Demo


def _keys(*keys: str) -> str:
    return f'<span class="keys">{" ".join(keys)}</span>'


def html(demo: Demo) -> str:
    """The box's content."""
    one, two = demo.wallets[0], demo.wallets[1]
    who = "".join(
        f"<tr><td>{escape(label)}</td><td>{_keys(number)}</td><td>PIN {_keys(pin)}</td></tr>"
        for label, number, pin in (
            ("Operator", demo.operator, demo.operator_pin),
            ("Wallet 1", one.number, one.pin),
            ("Wallet 2", two.number, two.pin),
        )
    )
    steps = (
        f"<b>First</b> sign on {_keys(demo.operator + '#')} {_keys(demo.operator_pin + '#')}; float {_keys('10000#')}.",
        f"<b>1 Sale.</b> {_keys('A', '1250', '#')}, then Scan and Confirm on the phone: the terminal shows PAID.",
        f"<b>2 Cash in.</b> {_keys('B')} wallet {_keys('#')} amount {_keys('#')} taken {_keys('#')}.",
        f"<b>3 Cash out.</b> {_keys('C')} wallet {_keys('#')} amount {_keys('#')} PIN {_keys('#')} {_keys('#')}.",
        f"<b>4 Was it paid?</b> {_keys('D')} asks the backend of the last five.",
        f"<b>More</b> {_keys('#')} {_keys('1')} transfer, {_keys('3')} send cash, {_keys('5')} refund.",
        "Where a wallet is asked for, the phone's code or card will do.",
        "<b>5 Break something</b> below meanwhile, and repair it.",
    )
    body = "".join(f'<div class="step">{step}</div>' for step in steps)
    return (
        f'<div class="guide" data-testid="guide"><table>{who}</table>{body}<div class="step soft">Amounts are typed in'
        " minor units: 1250 is 12.50. Your keyboard works too: Enter is # (OK), Backspace is * (Back).</div></div>"
    )

"""Why a request is refused: one closed, ordered list, used by the backend to answer and by the terminal to tell.

The list is a text, so that a device keeps 2 KB instead of 12: it reads a line when it needs that reason (`find`, and
`BY_NAME.get`). A host reads all of it once, into `REASONS` and `BY_NAME`.
"""

import sys

#: A line a reason: its wire name, its ISO 8583-style code ("+" where trying again may help), the cashier's text.
#: The order is part of the contract: earlier checks stand first, and a reason's place never changes.
TABLE = """
malformed 30 Request not understood
oversized 30 Request too long
unknown_type 12 Request not known here
not_authentic 63 Request not authentic
wrong_terminal 58 Not this terminal's request
id_reused 94 Request number already used
ksn_reused 94 Key already used
ksn_out_of_window 63 Key too old
unknown_terminal 58 Terminal not registered
terminal_blocked 58 Terminal blocked, call support
key_exhausted 63 Terminal needs new keys
stale_ask 68 Request came too late, start again
not_signed_on 58 Sign on first
operator_unknown 58 Operator not known
operator_blocked 62 Operator blocked, call supervisor
operator_pin_wrong 55 Operator PIN wrong
role_missing 57 Not allowed for this operator
drawer_closed 58 Open the drawer first
drawer_already_open 58 Drawer is already open
drawer_not_yours 58 Drawer belongs to another operator
drawer_short 51 Not enough cash in the drawer
vault_short 51 Not enough cash in the vault
service_off 57 Service is switched off
currency_mismatch 12 Wrong currency
amount_invalid 13 Amount not valid
amount_over_limit 61 Amount above the limit
account_unknown 14 Account not found
account_frozen 62 Account frozen
account_blocked 62 Account blocked
pin_wrong 55 PIN wrong
pin_blocked 75 PIN blocked
insufficient_funds 51 Not enough money on the account
sale_unknown 25 Sale not found
sale_paid 94 Sale is already paid
sale_expired 54 Sale has expired
sale_cancelled 21 Sale was cancelled
operation_unknown 25 Operation not found
operation_voided 21 Operation was cancelled
operation_expired 54 Operation has expired
busy 91+ Busy, try again
unavailable 91+ Service not reachable, try again
approval_needed 57 A supervisor must approve
approval_spent 57 Approval is used or over
second_person 57 Another person must approve
code_unknown 14 Code not valid, ask for a new one
code_used 94 Code was used, ask for a new one
code_expired 54 Code has expired, ask for a new one
code_too_often 65 Too many codes, wait a minute
pin_needed 70 Customer must enter the PIN
same_account 12 Payer and payee are the same
refund_too_much 61 More than is left of the sale
pickup_unknown 25 Transfer code not found
pickup_closed 94 Already paid out or returned
pickup_expired 54 Transfer code has expired
secret_wrong 55 Secret wrong
pickup_blocked 75 Too many wrong secrets
count_over_limit 65 Too many operations in this period
pin_mismatch 55 The two PINs differ, choose again
pin_weak 55 PIN too easy, choose another
reference_unknown 14 Customer not known to the provider
provider_unavailable 91+ Provider does not answer, try again
operation_paid 94 Operation is already paid
drawer_counted 58 Drawer is counted: close it
drawer_busy 58 A pay-out is not finished: wait for it
count_differs 13 Count differs from the books
reason_needed 57 The difference needs a reason
bag_unknown 25 Bag not found
"""


class Reason:
    """A refusal reason: wire name, whether trying again may help, the cashier's text, the ISO 8583-style code."""

    __slots__ = ("name", "response_code", "text", "transient")

    def __init__(self, line: str) -> None:
        name, code, text = line.split(" ", 2)
        self.name = name
        self.transient = code[-1] == "+"
        self.text = text
        self.response_code = code[:2]

    def __repr__(self) -> str:
        return "Reason(%s)" % self.name


def find(name: str) -> "Reason | None":
    """The reason of that wire name, or None."""
    start = TABLE.find("\n" + name + " ") + 1
    return Reason(TABLE[start : TABLE.find("\n", start)]) if start and " " not in name else None


class _OnDemand:
    """The part of a dict that a device uses."""

    def get(self, name: str) -> "Reason | None":
        """The reason of that wire name, or None."""
        return find(name)

    def __contains__(self, name: str) -> bool:
        return find(name) is not None


if sys.implementation.name != "micropython":
    REASONS = tuple(Reason(line) for line in TABLE.split("\n")[1:-1])
    BY_NAME = {reason.name: reason for reason in REASONS}
else:
    BY_NAME = _OnDemand()  # type: ignore[assignment]

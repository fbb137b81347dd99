"""Why a request is refused: one closed, ordered list, used by the backend to answer and by the terminal to tell."""


class Reason:
    """A refusal reason: wire name, whether trying again may help, the cashier's text, the ISO 8583-style code."""

    __slots__ = ("name", "response_code", "text", "transient")

    def __init__(self, name: str, transient: bool, text: str, response_code: str) -> None:  # noqa: FBT001
        self.name = name
        self.transient = transient
        self.text = text
        self.response_code = response_code

    def __repr__(self) -> str:
        return "Reason(%s)" % self.name


def _final(name: str, text: str, response_code: str) -> Reason:
    return Reason(name, False, text, response_code)  # noqa: FBT003


def _transient(name: str, text: str, response_code: str) -> Reason:
    return Reason(name, True, text, response_code)  # noqa: FBT003


#: The order is part of the contract: earlier checks stand first, and a reason's place never changes.
REASONS = (
    _final("malformed", "Request not understood", "30"),
    _final("oversized", "Request too long", "30"),
    _final("unknown_type", "Request not known here", "12"),
    _final("not_authentic", "Request not authentic", "63"),
    _final("wrong_terminal", "Not this terminal's request", "58"),
    _final("id_reused", "Request number already used", "94"),
    _final("ksn_reused", "Key already used", "94"),
    _final("ksn_out_of_window", "Key too old", "63"),
    _final("unknown_terminal", "Terminal not registered", "58"),
    _final("terminal_blocked", "Terminal blocked, call support", "58"),
    _final("key_exhausted", "Terminal needs new keys", "63"),
    _final("stale_ask", "Request came too late, start again", "68"),
    _final("not_signed_on", "Sign on first", "58"),
    _final("operator_unknown", "Operator not known", "58"),
    _final("operator_blocked", "Operator blocked, call supervisor", "62"),
    _final("operator_pin_wrong", "Operator PIN wrong", "55"),
    _final("role_missing", "Not allowed for this operator", "57"),
    _final("drawer_closed", "Open the drawer first", "58"),
    _final("drawer_already_open", "Drawer is already open", "58"),
    _final("drawer_not_yours", "Drawer belongs to another operator", "58"),
    _final("drawer_short", "Not enough cash in the drawer", "51"),
    _final("vault_short", "Not enough cash in the vault", "51"),
    _final("service_off", "Service is switched off", "57"),
    _final("currency_mismatch", "Wrong currency", "12"),
    _final("amount_invalid", "Amount not valid", "13"),
    _final("amount_over_limit", "Amount above the limit", "61"),
    _final("account_unknown", "Account not found", "14"),
    _final("account_frozen", "Account frozen", "62"),
    _final("account_blocked", "Account blocked", "62"),
    _final("pin_wrong", "PIN wrong", "55"),
    _final("pin_blocked", "PIN blocked", "75"),
    _final("insufficient_funds", "Not enough money on the account", "51"),
    _final("sale_unknown", "Sale not found", "25"),
    _final("sale_paid", "Sale is already paid", "94"),
    _final("sale_expired", "Sale has expired", "54"),
    _final("sale_cancelled", "Sale was cancelled", "21"),
    _final("operation_unknown", "Operation not found", "25"),
    _final("operation_voided", "Operation was cancelled", "21"),
    _final("operation_expired", "Operation has expired", "54"),
    _transient("busy", "Busy, try again", "91"),
    _transient("unavailable", "Service not reachable, try again", "91"),
)

BY_NAME = {reason.name: reason for reason in REASONS}

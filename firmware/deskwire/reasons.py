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


#: The order is part of the contract: earlier checks stand first, and a reason's place never changes.
REASONS = (
    Reason("malformed", False, "Request not understood", "30"),
    Reason("oversized", False, "Request too long", "30"),
    Reason("unknown_type", False, "Request not known here", "12"),
    Reason("not_authentic", False, "Request not authentic", "63"),
    Reason("wrong_terminal", False, "Not this terminal's request", "58"),
    Reason("id_reused", False, "Request number already used", "94"),
    Reason("ksn_reused", False, "Key already used", "94"),
    Reason("ksn_out_of_window", False, "Key too old", "63"),
    Reason("unknown_terminal", False, "Terminal not registered", "58"),
    Reason("terminal_blocked", False, "Terminal blocked, call support", "58"),
    Reason("key_exhausted", False, "Terminal needs new keys", "63"),
    Reason("stale_ask", False, "Request came too late, start again", "68"),
    Reason("not_signed_on", False, "Sign on first", "58"),
    Reason("operator_unknown", False, "Operator not known", "58"),
    Reason("operator_blocked", False, "Operator blocked, call supervisor", "62"),
    Reason("operator_pin_wrong", False, "Operator PIN wrong", "55"),
    Reason("role_missing", False, "Not allowed for this operator", "57"),
    Reason("drawer_closed", False, "Open the drawer first", "58"),
    Reason("drawer_already_open", False, "Drawer is already open", "58"),
    Reason("drawer_not_yours", False, "Drawer belongs to another operator", "58"),
    Reason("drawer_short", False, "Not enough cash in the drawer", "51"),
    Reason("vault_short", False, "Not enough cash in the vault", "51"),
    Reason("service_off", False, "Service is switched off", "57"),
    Reason("currency_mismatch", False, "Wrong currency", "12"),
    Reason("amount_invalid", False, "Amount not valid", "13"),
    Reason("amount_over_limit", False, "Amount above the limit", "61"),
    Reason("account_unknown", False, "Account not found", "14"),
    Reason("account_frozen", False, "Account frozen", "62"),
    Reason("account_blocked", False, "Account blocked", "62"),
    Reason("pin_wrong", False, "PIN wrong", "55"),
    Reason("pin_blocked", False, "PIN blocked", "75"),
    Reason("insufficient_funds", False, "Not enough money on the account", "51"),
    Reason("sale_unknown", False, "Sale not found", "25"),
    Reason("sale_paid", False, "Sale is already paid", "94"),
    Reason("sale_expired", False, "Sale has expired", "54"),
    Reason("sale_cancelled", False, "Sale was cancelled", "21"),
    Reason("operation_unknown", False, "Operation not found", "25"),
    Reason("operation_voided", False, "Operation was cancelled", "21"),
    Reason("operation_expired", False, "Operation has expired", "54"),
    Reason("busy", True, "Busy, try again", "91"),
    Reason("unavailable", True, "Service not reachable, try again", "91"),
)

BY_NAME = {reason.name: reason for reason in REASONS}

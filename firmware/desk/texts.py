"""The words a cashier reads that are not on every screen: links, operations, states, refusals."""

from deskwire import reasons
from deskwire.money import format_minor

UNREACHABLE = {
    "online": "No answer came in time. Nothing was done.",
    "no_broker": "No connection. Check the network cable or Wi-Fi. Nothing was done.",
    "no_hub": "The branch hub does not answer. Nothing was done.",
    "no_backend": "The branch has no line to the centre. Nothing was done.",
}
BOOT = {
    "online": "Connected. Waiting for the centre.",
    "no_broker": "Connecting...",
    "no_hub": "The branch hub does not answer. Trying again.",
    "no_backend": "The branch has no line to the centre. Trying again.",
}
#: Recorded operations that are final with their answer, as their screens are called.
MOVES = {"transfer": "Transfer", "refund": "Refund", "pickup": "Send cash"}
SERVICES = {"sale": "QR sale", "cash_in": "Pay-in", "cash_out": "Pay-out", "balance": "Balance"}

NO_SALE = "No answer came. No code was shown, so nothing was paid. The sale is cancelled."
SALE_UNKNOWN = "It is not known whether this sale was paid. The terminal goes on checking."
CASH_OUT_UNKNOWN = "No answer came. DO NOT PAY. The hold is being released; the terminal goes on checking."
PIN_UNKNOWN = "It is not known whether the new PIN holds. Let the customer try it; set it again if it is wrong."
MOVE_UNKNOWN = "No answer came. It is not known whether it was done. Do not repeat it; the terminal goes on checking."
RELEASED = "The hold is released. No money was taken from the account."
RELEASED_BY_TIME = "The time is over and the hold is released. If cash was paid, call the supervisor."
NOT_RECORDED_IN = "NOT BOOKED: {}. Give the cash back and call the supervisor."
NOT_RECORDED_OUT = "Not recorded: {}. Call the supervisor. # asks again."
DRAWER_OFFLINE = "A drawer opens and closes online only."
FAULT = "Could not {}: {}. Call the supervisor. # goes on."

#: state of a recorded operation -> the word in the list of the last five
STATES = {
    "asked": "checking",
    "checking": "checking",
    "unknown": "not made",
    "refused": "refused",
    "open": "not paid yet",
    "paid": "paid",
    "expired": "not paid",
    "cancelled": "cancelled",
    "held": "not confirmed",
    "paid_out": "paid out",
    "voided": "released",
    "quoted": "not confirmed",
    "taken": "taken",
    "suspense": "suspense",
    "done": "done",
    "pending": "being paid",
    "failed": "NOT PAID",
    "returned": "given back",
}


#: how often a limit applies -> the words behind it
PERIODS = {"operation": "each time", "day": "a day", "month": "a month"}


def refusal(reason, details=None):
    """What the cashier reads about a refusal; of a limit, how much it is and what is left of it."""
    known = reasons.BY_NAME.get(reason)
    if known is None:
        return "Refused: " + reason
    return known.text + _limit(details) if details and "period" in details else known.text


def _limit(details):
    """The limit and what is left of it, or how many operations it lets through."""
    period = PERIODS.get(details["period"], details["period"])
    if "limit_minor" not in details:
        return ". Limit {} {}".format(details.get("limit_count", 0), period)
    limit = ". Limit {} {}".format(money(details["limit_minor"], details["currency"]), period)
    if details["period"] == "operation":
        return limit
    return limit + ", left {}".format(money(details.get("left_minor", 0), details["currency"]))


def clock(epoch_s):
    """UTC time of day, "14:05", or "--:--" where none is known."""
    if not epoch_s:
        return "--:--"
    minutes = epoch_s // 60 % 1440
    return "{:02d}:{:02d}".format(minutes // 60, minutes % 60)


def money(amount_minor, currency):
    """An amount with its currency, "12.50 AZN"."""
    return format_minor(amount_minor, currency) + " " + currency

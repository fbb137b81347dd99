"""Typing: amounts in minor digits, account and operator numbers, PINs. Shared by the flows."""

from deskwire import accounts

ACCOUNT_DIGITS = 16
MIN_OPERATOR_DIGITS = 3
MAX_OPERATOR_DIGITS = 8
#: Ten digits: 99,999,999.99 is more than any drawer holds, and they fit the screen in large type.
MAX_AMOUNT_MINOR = 10**10 - 1


def amount_digit(desk, event):
    """Add one minor digit; zeros in front vanish by themselves."""
    value = desk.amount * 10 + int(event.key)
    if value > MAX_AMOUNT_MINOR:
        desk.tone("warn")
        desk.say("The amount is too large")
    else:
        desk.amount = value
        desk.tone("key")
    return desk.state


def erase_amount(desk):
    """Take back one digit; False when there was none."""
    desk.tone("key")
    if desk.amount == 0:
        return False
    desk.amount //= 10
    return True


def amount_is_typed(desk):
    """Whether there is an amount to go on with; says so if not."""
    if desk.amount > 0:
        return True
    desk.tone("warn")
    desk.say("Type an amount first")
    return False


def _number_digit(desk, key, limit):
    """Add one digit to a number that has at most `limit`."""
    if len(desk.digits) >= limit:
        desk.tone("warn")
    else:
        desk.digits += key
        desk.tone("key")
    return desk.state


def number_digit(desk, key, limit):
    """Add one digit to a number of another kind."""
    return _number_digit(desk, key, limit)


def account_digit(desk, event):
    """Add one digit to the account number; another number is another account."""
    if desk.state != "tr_to":
        desk.proof = ""
    return _number_digit(desk, event.key, ACCOUNT_DIGITS)


def operator_digit(desk, event):
    """Add one digit to the operator number."""
    return _number_digit(desk, event.key, MAX_OPERATOR_DIGITS)


def page_digit(desk, event):
    """Add one digit to a number whose length the screen says."""
    return _number_digit(desk, event.key, desk.page["max_digits"])


def erase_digit(desk):
    """Take back one digit of a number; False when there was none."""
    desk.tone("key")
    if not desk.digits:
        return False
    desk.digits = desk.digits[:-1]
    return True


def account_is_valid(desk):
    """Whether the number typed is an account number; says what is wrong if not."""
    typed = len(desk.digits)
    if typed == ACCOUNT_DIGITS and accounts.is_account(desk.digits):
        return True
    desk.tone("warn")
    if typed < ACCOUNT_DIGITS:
        desk.say("16 digits needed, {} typed".format(typed))
    else:
        desk.say("Wrong digit: compare number")
    return False


def pin_digit(desk, event):
    """Take one PIN digit. Every key in a PIN entry sounds the same."""
    desk.pin.press(event.key, desk.now_ms)
    desk.tone("key")
    return desk.state


def erase_pin(desk):
    """Take back one PIN digit; False when there was none."""
    desk.tone("key")
    return desk.pin.erase(desk.now_ms)


def pin_is_typed(desk):
    """Whether the digits can be a PIN; says so if not, with the tone of any other key."""
    desk.tone("key")
    if desk.pin.is_long_enough():
        return True
    desk.say("A PIN has 4 digits or more")
    return False


def pin_tick(desk, event):  # noqa: ARG001
    """Wipe a PIN that nobody finished."""
    if not desk.pin.has_timed_out(desk.now_ms):
        return desk.state
    return desk.outcome("cancelled", "CANCELLED", "The PIN was not entered in time. Nothing was done.")

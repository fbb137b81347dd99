"""Conversations: power on, sign on, drawer, sign off."""

from dialogue import talk


def test_from_power_on_to_the_menu():
    talk(
        """
        >> link no_hub
        << show boot text=The_branch_hub_does_not_answer._Trying_again. link=no_hub
        >> link online
        << show boot link=online
        >> hello
        << show operator_number digits=
        >> keys 101#
        << tone ok
        << show operator_pin operator=101 stars=0
        >> keys 1357
        << show operator_pin stars=4
        >> keys #
        << ask operator.sign_on +pin 9900000000001018 operator=101
        << show waiting flow=sign_on text=Signing_on
        >> answer operator.sign_on {"operator":"101","name":"Cashier One","role":"cashier","drawer":null}
        << tone ok
        << show drawer_float amount=0 currency=AZN
        >> keys 10000#
        << tone ok
        << ask drawer.open operator=101 float_minor=10000 currency=AZN
        << show waiting flow=drawer
        >> answer drawer.open {"drawer":"00000000000000000000000001","cash_minor":10000}
        << tone ok
        << show menu operator=Cashier_One drawer_minor=10000 merchant=Corner_Shop
        """,
        at_menu=False,
    )


def test_wrong_operator_pin_shows_tries_and_returns_to_the_number():
    talk(
        """
        >> link online
        << show boot
        >> hello
        << show operator_number
        >> keys 101#9999#
        << tone ok
        << ask operator.sign_on +pin 9900000000001018
        << show waiting
        >> refused operator.sign_on operator_pin_wrong 2
        << tone refused
        << show outcome kind=refused text=Operator_PIN_wrong tries_left=2
        >> keys #
        << show operator_number digits=
        """,
        at_menu=False,
    )


def test_backspace_cancel_and_short_numbers():
    talk(
        """
        >> link online
        << show boot
        >> hello
        << show operator_number
        >> keys 10#
        << tone warn
        << show operator_number digits=10 notice=Operator_number:_3_to_8_digits
        >> keys *234567899
        << tone warn
        << tone warn
        << show operator_number digits=12345678
        >> keys #12*
        << tone ok
        << show operator_pin stars=1
        >> keys **
        << show operator_number digits=12345678
        """,
        at_menu=False,
    )


def test_pin_times_out_and_is_wiped():
    dialogue = talk(
        """
        >> link online
        << show boot
        >> hello
        << show operator_number
        >> keys 101#13
        << tone ok
        << show operator_pin stars=2
        >> tick 29
        >> tick 1
        << tone ok
        << show outcome kind=cancelled
        """,
        at_menu=False,
    )
    assert dialogue.desk.pin is None


def test_every_key_in_pin_entry_sounds_the_same():
    dialogue = talk(">> keys C9000000000000001#5000#\n<< tone ok\n<< tone ok\n<< show pin_entry stars=0 amount=5000")
    for key in "1A*BD#C2":
        out = dialogue.desk.handle(__import__("desk.events").events.Key(key))
        assert [command.name for command in out if command.kind == "tone"] == ["key"], key


def test_sign_off_takes_two_presses():
    talk(
        """
        >> keys *
        << show menu notice=Press_*_again_to_sign_off
        >> tick 6
        << show menu notice=
        >> keys *
        << show menu
        >> keys *
        << tone ok
        << show operator_number
        """
    )


def test_a_lost_answer_to_the_drawer_is_settled_by_signing_on():
    talk(
        """
        >> link online
        << show boot
        >> hello
        << show operator_number
        >> keys 101#1357#
        << tone ok
        << ask operator.sign_on +pin 9900000000001018
        << show waiting
        >> answer operator.sign_on {"operator":"101","name":"Cashier One","role":"cashier","drawer":null}
        << tone ok
        << show drawer_float
        >> keys 500#
        << tone ok
        << ask drawer.open float_minor=500
        << show waiting
        >> unanswered drawer.open sent
        << tone attention
        << show outcome kind=unknown_checking
        >> keys *
        << show operator_number
        """,
        at_menu=False,
    )


def test_a_terminal_that_is_not_welcome_says_why():
    talk(
        """
        >> link online
        << show boot
        >> unwelcome terminal_blocked
        << tone refused
        << show fault text=Terminal_blocked,_call_support
        >> keys #
        << show boot
        >> hello
        << show operator_number
        """,
        at_menu=False,
    )

"""Conversations: pay-out with the customer's PIN, the hold, and every answer that can be lost."""

from dialogue import talk

ASK = """
    >> keys C9000000000000001#
    << tone ok
    << show amount_entry flow=cash_out
    >> keys 5000#
    << tone ok
    << show pin_entry flow=cash_out stars=0 amount=5000
    >> keys 1234
    << show pin_entry stars=4
    >> keys #
    << store cash_out:asked
    << ask cash_out.authorize +pin 9000000000000001 operator=101 account=9000000000000001 amount_minor=5000
    << show waiting flow=cash_out
"""
APPROVED = (
    ASK
    + """
    >> answer cash_out.authorize {"authorisation_code":"654321","holder":"D***","fee_minor":0,"expires_at":1800000120}
    << store cash_out:held
    << tone pay_out
    << show confirm_cash_out holder=D*** amount=5000 fee=0 authorisation_code=654321 seconds_left=120
"""
)


def test_paid():
    talk(
        APPROVED
        + """
    >> keys #
    << tell cash_out.paid account=9000000000000001 amount_minor=5000 authorisation_code=654321
    << store cash_out:paid_out*
    << tone ok
    << show cash_out_done amount=5000 holder=D*** authorisation_code=654321 queued=True
    >> acked cash_out.paid as_told
    << store cash_out:paid_out
    << show cash_out_done queued=False
    >> keys *
    << show menu drawer_minor=5000
    """
    )


def test_not_paid_releases_the_hold():
    talk(
        APPROVED
        + """
    >> keys *
    << tell cash_out.void why=cancelled
    << store cash_out:voided*
    << tone ok
    << show outcome kind=voided title=DO_NOT_PAY
    # a # that might have meant "paid" does not slip through
    >> keys #
    << tone warn
    << show outcome notice=Not_paid._Press_*_to_go_on
    >> keys *
    << show menu drawer_minor=10000
    """
    )


def test_the_hold_runs_out():
    talk(
        APPROVED
        + """
    >> tick 119
    << show confirm_cash_out seconds_left=1
    >> tick 1
    << tell cash_out.void why=timeout
    << store cash_out:voided*
    << tone ok
    << show outcome kind=voided
    >> acked cash_out.void as_told
    << store cash_out:voided
    """
    )


def test_news_that_the_hold_expired():
    talk(
        APPROVED
        + """
    >> news hold.expired {"operation":$cash_out}
    << store cash_out:expired
    << tone ok
    << show outcome kind=voided
    """
    )


def test_wrong_pin_shows_the_tries_left_and_then_blocked():
    talk(
        ASK
        + """
    >> refused cash_out.authorize pin_wrong 2
    << store cash_out:refused
    << tone refused
    << show outcome kind=refused text=PIN_wrong tries_left=2
    >> keys #C9000000000000001#5000#1111#
    << tone ok
    << tone ok
    << store cash_out:asked cash_out:refused
    << ask cash_out.authorize +pin 9000000000000001
    << show waiting
    >> refused cash_out.authorize pin_blocked
    << store cash_out:refused cash_out:refused
    << tone refused
    << show outcome kind=refused text=PIN_blocked tries_left=None
    """
    )


def test_lost_answer_is_voided_and_checked_until_it_ends():
    talk(
        ASK
        + """
    >> unanswered cash_out.authorize sent
    << tell cash_out.void why=no_answer
    << store cash_out:checking*
    << tone attention
    << show outcome kind=unknown_checking
    # nothing to ask while the void has not arrived, nor while nobody answers
    >> link no_broker
    << show outcome link=no_broker
    >> tick 70
    >> link online
    << show outcome link=online
    >> acked cash_out.void remembered
    << store cash_out:checking
    >> tick 1
    << ask operation.status
    >> unanswered operation.status sent
    >> tick 3
    << ask operation.status
    >> answer operation.status {"operations":[{"operation":$cash_out,"type":"cash_out.authorize","state":"held"}]}
    << store cash_out:checking
    >> tick 8
    << ask operation.status
    >> answer operation.status {"operations":[{"operation":$cash_out,"type":"cash_out.authorize","state":"voided"}]}
    << store cash_out:voided
    << tone ok
    << show outcome kind=voided title=DO_NOT_PAY
    """
    )


def test_an_answer_after_its_deadline_means_nothing():
    dialogue = talk(
        ASK
        + """
    >> unanswered cash_out.authorize sent
    << tell cash_out.void why=no_answer
    << store cash_out:checking*
    << tone attention
    << show outcome kind=unknown_checking
    >> answer cash_out.authorize {"authorisation_code":"654321","holder":"D***","fee_minor":0,"expires_at":1800000120}
    """
    )
    assert dialogue.desk.state == "outcome"


def test_offline_is_said_before_the_customer_types_a_pin():
    talk(
        """
    >> link no_backend
    << show menu
    >> keys C9000000000000001#5000#
    << tone ok
    << tone attention
    << show outcome kind=unreachable text=The_branch_has_no_line_to_the_centre._Nothing_was_done.
    """
    )


def test_the_link_goes_while_the_pin_is_typed():
    dialogue = talk(
        """
    >> keys C9000000000000001#5000#1234
    << tone ok
    << tone ok
    << show pin_entry stars=4
    >> link no_broker
    << show pin_entry link=no_broker
    >> keys #
    << tone attention
    << show outcome kind=unreachable
    """
    )
    assert dialogue.desk.pin is None
    assert dialogue.stored == []


def test_a_journal_that_fails_leaves_the_question_open():
    talk(
        APPROVED
        + """
    >> keys #
    << tell cash_out.paid
    << store cash_out:paid_out*
    << tone ok
    << show cash_out_done
    >> failed tell flash error
    << tone refused
    << show fault text=Not_recorded:_flash_error._Call_the_supervisor._#_asks_again.
    >> keys #
    << tone attention
    << show cash_question amount=5000 authorisation_code=654321
    >> keys #
    << tell cash_out.paid amount_minor=5000
    << store cash_out:paid_out*
    << tone ok
    << show menu drawer_minor=5000
    """
    )


def test_keys_exhausted_before_the_ask_left():
    talk(
        ASK
        + """
    >> failed ask the keys are used up
    << tone refused
    << show fault text=Could_not_ask:_the_keys_are_used_up._Call_the_supervisor._#_goes_on.
    >> keys #
    << show menu
    """
    )

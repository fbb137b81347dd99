"""Conversations: pay-in, from the account number to the ack."""

from dialogue import talk

CONFIRM = """
    >> keys B9000000000000001#
    << tone ok
    << show amount_entry flow=cash_in amount=0
    >> keys 5000#
    << tone ok
    << ask cash_in.quote operator=101 account=9000000000000001 amount_minor=5000 currency=AZN
    << show waiting flow=cash_in
    >> answer cash_in.quote {"holder":"D*** H*****","fee_minor":50,"total_minor":5050}
    << tone pay_in
    << show confirm_cash_in holder=D***_H***** amount=5000 fee=50 total=5050
"""


def test_taken_told_and_acked():
    talk(
        CONFIRM
        + """
    >> keys #
    << tell cash_in.taken account=9000000000000001 amount_minor=5000 fee_minor=50 drawer=00000000000000000000000000
    << store cash_in:taken*
    << tone ok
    << show cash_in_done amount=5000 total=5050 holder=D***_H***** queued=True
    >> acked cash_in.taken as_told
    << store cash_in:taken
    << show cash_in_done queued=False
    >> keys #
    << show menu drawer_minor=15050
    """
    )


def test_a_wrong_account_number_is_said_before_anyone_is_asked():
    talk(
        """
    >> keys B900000000000000#
    << tone warn
    << show account_entry digits=900000000000000 notice=16_digits_needed,_15_typed
    >> keys 2#
    << tone warn
    << show account_entry notice=Wrong_digit:_compare_number
    >> keys *1#
    << tone ok
    << show amount_entry flow=cash_in notice=
    >> keys *
    << show account_entry digits=9000000000000001
    """
    )


def test_cancelled_before_the_cash_is_confirmed():
    talk(
        CONFIRM
        + """
    >> keys *
    << tone ok
    << show outcome kind=cancelled text=Give_the_cash_back._Nothing_was_booked.
    """
    )


def test_told_while_offline_is_queued_and_shown():
    talk(
        CONFIRM
        + """
    >> link no_hub
    << show confirm_cash_in link=no_hub
    >> keys #
    << tell cash_in.taken
    << store cash_in:taken*
    << tone ok
    << show cash_in_done queued=True
    >> queue 1 40
    << show cash_in_done waiting=1
    >> keys #
    << show menu waiting=1 oldest_s=40
    """
    )


def test_suspense_is_said_aloud():
    talk(
        CONFIRM
        + """
    >> keys #
    << tell cash_in.taken
    << store cash_in:taken*
    << tone ok
    << show cash_in_done
    >> acked cash_in.taken suspense
    << tone attention
    << store cash_in:suspense
    << show cash_in_done queued=False notice=In_suspense:_call_supervisor
    """
    )


def test_a_full_journal_books_nothing_and_says_so():
    talk(
        CONFIRM
        + """
    >> keys #
    << tell cash_in.taken
    << store cash_in:taken*
    << tone ok
    << show cash_in_done
    >> failed tell the journal is full
    << tone refused
    << show fault text=NOT_BOOKED:_the_journal_is_full._Give_the_cash_back_and_call_the_supervisor.
    >> keys #
    << show menu drawer_minor=10000
    """
    )


def test_quote_refused_and_unanswered():
    talk(
        """
    >> keys B9000000000000001#5000#
    << tone ok
    << tone ok
    << ask cash_in.quote
    << show waiting
    >> tick 2
    << show waiting seconds=2
    >> refused cash_in.quote account_frozen
    << tone refused
    << show outcome kind=refused text=Account_frozen
    >> keys #
    << show menu
    >> keys B9000000000000001#5000#
    << tone ok
    << tone ok
    << ask cash_in.quote
    << show waiting
    >> unanswered cash_in.quote sent
    << tone attention
    << show outcome kind=unreachable
    """
    )

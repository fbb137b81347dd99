"""Conversations: a sale by QR code, and every way it can end."""

from dialogue import talk

OPEN = """
    >> keys A
    << show amount_entry flow=sale amount=0
    >> keys 001250
    << show amount_entry amount=1250 currency=AZN
    >> keys #
    << tone ok
    << store sale:asked
    << ask sale.open operator=101 amount_minor=1250 currency=AZN
    << show waiting flow=sale
    >> answer sale.open {"sale":$sale,"qr":"000201","link":"https://pay/p/1","expires_at":1800000300}
    << store sale:open
    << tone ok
    << show sale_qr qr=000201 amount=1250 seconds_left=300
"""
PAID = '{"sale":$sale,"amount_minor":1250,"currency":"AZN","authorisation_code":"123456","paid_at":$now,"payer":"D***"}'


def test_paid_while_the_code_is_shown():
    talk(
        OPEN
        + """
    >> tick 5
    << show sale_qr seconds_left=295
    >> news sale.paid """
        + PAID
        + """
    << store sale:paid
    << tone paid
    << show paid amount=1250 authorisation_code=123456 late=False
    # the same news again is nothing new
    >> news sale.paid """
        + PAID
        + """
    >> keys #
    << show menu
    """
    )


def test_backspace_zero_amount_and_too_large():
    talk(
        """
    >> keys A#
    << tone warn
    << show amount_entry amount=0 notice=Type_an_amount_first
    >> keys 12*
    << show amount_entry amount=1
    >> keys 999999999
    << show amount_entry amount=1999999999
    >> keys 9
    << tone warn
    << show amount_entry amount=1999999999 notice=The_amount_is_too_large
    >> keys ***********
    << show menu
    """
    )


def test_time_runs_out_and_the_status_confirms_it():
    talk(
        OPEN
        + """
    >> tick 300
    << ask sale.status
    << show waiting text=Checking:_was_it_paid?
    >> answer sale.status {"sale":$sale,"state":"expired"}
    << store sale:expired
    << tone attention
    << show outcome kind=shown_not_paid title=NOT_PAID
    """
    )


def test_time_runs_out_but_it_was_paid():
    talk(
        OPEN
        + """
    >> tick 300
    << ask sale.status
    << show waiting
    >> answer sale.status {"sale":$sale,"state":"open"}
    >> tick 1
    << ask sale.status
    >> answer sale.status {"sale":$sale,"state":"paid","authorisation_code":"777777"}
    << store sale:paid
    << tone paid
    << show paid authorisation_code=777777 late=False
    """
    )


def test_cancelled():
    talk(
        OPEN
        + """
    >> keys *
    << tell sale.cancel why=cancelled
    << store sale:checking*
    << ask sale.status
    << show waiting text=Cancelling_the_sale
    >> answer sale.status {"sale":$sale,"state":"cancelled"}
    << store sale:cancelled*
    << tone ok
    << show outcome kind=cancelled
    """
    )


def test_cancelled_too_late_shows_paid():
    talk(
        OPEN
        + """
    >> keys *
    << tell sale.cancel why=cancelled
    << store sale:checking*
    << ask sale.status
    << show waiting
    >> answer sale.status {"sale":$sale,"state":"paid","authorisation_code":"777777"}
    << store sale:paid*
    << tone paid
    << show paid late=False
    """
    )


def test_news_that_the_sale_expired_ends_it():
    talk(
        OPEN
        + """
    >> news sale.expired {"sale":$sale}
    << store sale:expired
    << tone attention
    << show outcome kind=shown_not_paid
    """
    )


def test_late_payment_is_quiet_and_marked():
    talk(
        OPEN
        + """
    >> tick 300
    << ask sale.status
    << show waiting
    >> answer sale.status {"sale":$sale,"state":"expired"}
    << store sale:expired
    << tone attention
    << show outcome kind=shown_not_paid
    >> keys #
    << show menu
    >> news sale.paid """
        + PAID
        + """
    << store sale:paid
    << tone attention
    << show paid late=True
    """
    )


def test_late_payment_does_not_disturb_typing():
    talk(
        OPEN
        + """
    >> news sale.expired {"sale":$sale}
    << store sale:expired
    << tone attention
    << show outcome
    >> keys #A12
    << show amount_entry amount=12
    >> news sale.paid """
        + PAID
        + """
    << store sale:paid
    << tone attention
    << show amount_entry amount=12 notice=LATE:_12.50_AZN_paid
    """
    )


def test_news_delivered_after_its_expiry_is_late_even_on_the_screen():
    talk(
        OPEN
        + """
    >> news sale.paid """
        + PAID
        + """ late
    << store sale:paid
    << tone attention
    << show paid late=True
    """
    )


def test_news_about_another_sale_never_ends_this_one():
    talk(
        OPEN
        + """
    >> news sale.paid {"sale":"00000000000000000000000ZZZ","amount_minor":500,"currency":"AZN","authorisation_code":"1"}
    << tone attention
    << show sale_qr notice=LATE:_5.00_AZN_paid
    """
    )


def test_no_answer_to_the_opening_is_cancelled_by_a_tell():
    talk(
        """
    >> keys A100#
    << tone ok
    << store sale:asked
    << ask sale.open
    << show waiting
    >> unanswered sale.open sent
    << tell sale.cancel why=no_answer
    << store sale:checking*
    << tone attention
    << show outcome kind=unreachable
    >> acked sale.cancel remembered
    << store sale:checking
    >> tick 1
    << ask operation.status
    >> answer operation.status {"operations":[{"operation":$sale,"type":"sale.open","state":"cancelled"}]}
    << store sale:cancelled
    """
    )


def test_offline_fails_at_once_and_says_where():
    for link, word in (("no_broker", "No_connection."), ("no_hub", "The_branch_hub"), ("no_backend", "The_branch_has")):
        dialogue = talk(
            """
        >> link LINK
        << show menu link=LINK
        >> keys A100#
        << tone attention
        << show outcome kind=unreachable title=NO_CONNECTION
        """.replace("LINK", link)
        )
        assert dialogue.said[-1].replace(" ", "_").find(word) > 0, dialogue.said[-1]


def test_an_ask_that_never_left_leaves_no_record():
    talk(
        """
    >> keys A100#
    << tone ok
    << store sale:asked
    << ask sale.open
    << show waiting
    >> unanswered sale.open unsent
    << store -
    << tone attention
    << show outcome kind=unreachable
    """
    )


def test_refused_with_its_reason():
    talk(
        """
    >> keys A100#
    << tone ok
    << store sale:asked
    << ask sale.open
    << show waiting
    >> refused sale.open amount_over_limit
    << store sale:refused
    << tone refused
    << show outcome kind=refused text=Amount_above_the_limit
    """
    )


def test_link_lost_at_the_end_of_the_countdown_is_checked_until_known():
    talk(
        OPEN
        + """
    >> link no_broker
    << show sale_qr link=no_broker
    >> tick 300
    << store sale:checking
    << tone attention
    << show outcome kind=unknown_checking
    >> link online
    << show outcome link=online
    >> tick 1
    << ask operation.status
    >> answer operation.status {"operations":[{"operation":$sale,"type":"","state":"paid","authorisation_code":"777"}]}
    << store sale:paid
    << store sale:paid
    << tone paid
    << show paid late=False
    """
    )


def test_a_switched_off_service_is_not_offered():
    talk(
        """
    >> hello {"drawer":$drawer,"services":["cash_in"]}
    << show menu services=('cash_in',)
    >> keys A
    << tone warn
    << show menu notice=QR_sale_is_not_offered_here
    >> keys B
    << show account_entry flow=cash_in
    """
    )

"""Conversations: one-time codes, transfers, statements, refunds and pickups, and every answer that can be lost."""

import dialogue

from deskwire import accounts, ids

WALLET, OTHER = "9000000000000001", "9000000000000019"
CODE = accounts.complete("77" + "0" * 12 + "5")
SENT = accounts.pickup_code("12345678901")
SALE = ids.make(bytes(16))

#: An outlet that offers all of these.
HELLO = """
    >> hello {"drawer":$drawer,"services":["sale","cash_in","cash_out","transfer","pickup","refund","statement"]}
    << show menu
"""


def _talk(text):
    dialogue.talk(HELLO + text)


IDENTIFY = (
    """
    >> keys C
    << show account_entry flow=cash_out
    >> scan """
    + CODE
    + """
    << tone ok
    << ask customer.identify operator=101 code="""
    + CODE
    + """
    << show waiting
"""
)


def test_a_one_time_code_stands_for_the_pin():
    _talk(
        IDENTIFY
        + """
    >> answer customer.identify {"account":"9000000000000001","holder":"D***","authorise_by":"code"}
    << tone ok
    << show amount_entry flow=cash_out
    >> keys 500#
    << tone ok
    << store cash_out:asked
    << ask cash_out.authorize account=9000000000000001 amount_minor=500
    << show waiting
    >> refused cash_out.authorize pin_needed
    << store -
    << tone attention
    << show pin_entry flow=cash_out amount=500
    >> keys 1234#
    << store cash_out:asked
    << ask cash_out.authorize +pin 9000000000000001 account=9000000000000001
    << show waiting
    """
    )


def test_a_one_time_code_only_identifies_where_the_holder_prefers_the_pin():
    _talk(
        IDENTIFY
        + """
    >> answer customer.identify {"account":"9000000000000001","holder":"D***","authorise_by":"pin"}
    << tone ok
    << show amount_entry
    >> keys 500#
    << tone ok
    << show pin_entry
    """
    )


def test_a_used_code_ends_the_flow_and_so_does_no_answer():
    _talk(
        IDENTIFY
        + """
    >> refused customer.identify code_used
    << tone refused
    << show outcome kind=refused text=Code_was_used,_ask_for_a_new_one
    >> keys #
    << show menu
    """
    )
    _talk(
        IDENTIFY
        + """
    >> unanswered customer.identify sent
    << tone attention
    << show outcome kind=unreachable
    """
    )


def test_a_static_code_is_an_account_number_and_noise_is_not():
    _talk(
        """
    >> scan hello
    << tone warn
    << show menu notice=Choose_first,_then_scan
    >> keys B
    << show account_entry flow=cash_in
    >> scan hello
    << tone warn
    << show account_entry notice=Not_a_customer's_code
    >> scan KASSA:W:9000000000000001
    << tone ok
    << show amount_entry flow=cash_in
    """
    )


TRANSFER = """
    >> keys #1
    << show account_entry flow=transfer
    >> keys 9000000000000001#
    << tone ok
    << show account_entry flow=payee digits=
    >> keys 9000000000000001#
    << tone warn
    << show account_entry notice=This_is_the_payer's_account
    >> keys *9#
    << tone ok
    << show amount_entry flow=transfer
    >> keys 300#
    << tone ok
    << ask transfer.quote account=9000000000000001 to=9000000000000019 amount_minor=300
    << show waiting
    >> answer transfer.quote {"holder":"O***","fee_minor":20,"total_minor":320}
    << tone ok
    << show confirm big=300 flow=transfer
    >> keys #
    << tone ok
    << show pin_entry flow=transfer amount=300
    >> keys 1234#
    << store transfer:asked
    << ask transfer.make +pin 9000000000000001 to=9000000000000019 amount_minor=300 fee_minor=20
    << show waiting
"""


def test_a_transfer():
    _talk(
        TRANSFER.replace("*9#", "*" * 2 + "19#")
        + """
    >> answer transfer.make {"authorisation_code":"654321","holder":"O***"}
    << store transfer:done
    << tone ok
    << show done flow=transfer big=300 queued=False
    >> keys #
    << show menu
    """
    )


def test_a_transfer_without_an_answer_is_given_up_and_asked_for():
    _talk(
        TRANSFER.replace("*9#", "*" * 2 + "19#")
        + """
    >> unanswered transfer.make sent
    << tell operation.void type=transfer why=no_answer
    << store transfer:checking*
    << tone attention
    << show outcome kind=unknown_checking
    >> acked operation.void nothing_to_do
    << store transfer:checking
    >> tick 1
    << ask operation.status
    >> answer operation.status {"operations":[{"operation":$transfer,"type":"transfer","state":"done"}]}
    << store transfer:done
    << tone ok
    << show done flow=transfer note=It_was_done._Do_not_repeat_it.
    """
    )
    _talk(
        TRANSFER.replace("*9#", "*" * 2 + "19#")
        + """
    >> power cut
    << tell operation.void type=transfer why=restart
    << store transfer:checking*
    << show boot
    """
    )


def test_a_statement_for_the_pin():
    _talk(
        """
    >> keys #6
    << show account_entry flow=statement
    >> keys 9000000000000001#
    << tone ok
    << show pin_entry flow=statement amount=0
    >> keys 1234#
    << ask statement +pin 9000000000000001
    << show waiting
    >> answer statement {"holder":"D***","available_minor":100,"currency":"AZN","rows":[]}
    << tone ok
    << show facts flow=statement note=No_movements_yet
    >> tick 30
    << show menu
    """
    )


REFUND = (
    """
    >> keys #5
    << show digits_entry flow=refund max_digits=6
    >> scan https://kassa.example/r/"""
    + SALE
    + """
    << tone ok
    << ask refund.find sale="""
    + SALE
    + """
    << show waiting
    >> answer refund.find {"sales":[{"sale":$sale,"amount_minor":900,"refunded_minor":200,"currency":"AZN",\
"paid_at":1800000000,"payer":"D***"}]}
    << tone ok
    << show amount_entry flow=refund amount=700
    >> keys 5#
    << tone warn
    << show amount_entry notice=At_most_7.00_AZN
    >> keys **#
    << tone ok
    << show confirm flow=refund big=70
    >> keys #
    << tone ok
    << store refund:asked
    << ask refund.make amount_minor=70
    << show waiting
"""
).replace("$sale", '"' + SALE + '"')


def test_a_refund_of_a_part():
    _talk(
        REFUND
        + """
    >> answer refund.make {"authorisation_code":"654321","holder":"D***"}
    << store refund:done
    << tone ok
    << show done flow=refund big=70
    """
    )


def test_a_large_refund_goes_on_to_a_supervisor():
    _talk(
        REFUND
        + """
    >> refused refund.make approval_needed
    << store -
    << tone attention
    << show digits_entry title=Approval
    >> keys 201#2468#
    << tone ok
    << ask approval.grant +pin 9900000000002016 purpose=refund amount_minor=70 operation="""
        + SALE
        + """
    << show waiting
    >> answer approval.grant {"approval":"00000000000000000000000000","name":"S","expires_at":1800000120}
    << tone ok
    << store refund:asked
    << ask refund.make approval=00000000000000000000000000
    << show waiting
    """
    )


PICKUP = (
    """
    >> keys #3
    << show choice flow=pickup
    >> keys 1
    << show amount_entry flow=pickup
    >> keys 2000#
    << tone ok
    << ask pickup.quote amount_minor=2000
    << show waiting
    >> answer pickup.quote {"code":"CODE","fee_minor":50,"total_minor":2050,"expires_at":1802592000}
    << tone ok
    << show confirm big=2050
    >> keys #
    << tone ok
    << show pin_entry flow=secret amount=0
    >> keys 1234567#
    << show pin_entry notice=At_most_6_digits
    >> keys *#
    << ask pickup.secret +pin ACCOUNT code=CODE
    << show waiting
    >> answer pickup.secret {"code":"CODE"}
    << tone pay_in
    << show confirm title=Take_cash big=2050
"""
).replace("CODE", SENT)


def test_cash_is_sent_against_a_code_and_a_secret():
    _talk(
        PICKUP.replace("ACCOUNT", accounts.pickup_account(SENT))
        + """
    >> keys #
    << tell pickup.taken amount_minor=2000 fee_minor=50
    << store pickup:taken*
    << tone ok
    << show done flow=pickup queued=True
    >> acked pickup.taken as_told
    << store pickup:taken
    << show done queued=False
    >> keys #
    << show menu drawer_minor=12050
    """
    )


def test_cash_that_was_not_taken_sends_nothing():
    _talk(
        PICKUP.replace("ACCOUNT", accounts.pickup_account(SENT))
        + """
    >> keys *
    << tone ok
    << show outcome kind=cancelled
    """
    )


REDEEM = """
    >> keys #4
    << show digits_entry flow=cash_out max_digits=12
    >> keys 123456789012#
    << tone warn
    << show digits_entry notice=Wrong_digit:_compare_code
    >> scan CODE
    << tone ok
    << show pin_entry flow=secret
    >> keys 123456#
    << store cash_out:asked
    << ask pickup.redeem +pin ACCOUNT code=CODE
    << show waiting flow=cash_out
"""


def _redeem(rest):
    return (REDEEM + rest).replace("ACCOUNT", accounts.pickup_account(SENT)).replace("CODE", SENT)


def test_a_code_is_paid_out_like_any_other_hold():
    _talk(
        _redeem(
            """
    >> answer pickup.redeem {"account":"ACCOUNT","amount_minor":2000,"currency":"AZN","authorisation_code":"654321",\
"expires_at":1800000120}
    << store cash_out:held
    << tone pay_out
    << show confirm_cash_out amount=2000 fee=0 authorisation_code=654321
    >> keys #
    << tell cash_out.paid account=ACCOUNT amount_minor=2000
    << store cash_out:paid_out*
    << tone ok
    << show cash_out_done amount=2000
    """
        )
    )


def test_a_wrong_secret_and_a_lost_answer():
    _talk(
        _redeem(
            """
    >> refused pickup.redeem secret_wrong 4
    << store cash_out:refused
    << tone refused
    << show outcome kind=refused tries_left=4
    """
        )
    )
    _talk(
        _redeem(
            """
    >> unanswered pickup.redeem sent
    << tell cash_out.void why=no_answer
    << store cash_out:checking*
    << tone attention
    << show outcome kind=unknown_checking
    """
        )
    )

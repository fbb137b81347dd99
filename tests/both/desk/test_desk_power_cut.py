"""Conversations: a power cut at any point; nothing is guessed, nothing is lost."""

from dialogue import talk

ASK = """
    >> keys C9000000000000001#5000#1234#
    << tone ok
    << tone ok
    << store cash_out:asked
    << ask cash_out.authorize +pin 9000000000000001
    << show waiting
"""
APPROVED = (
    ASK
    + """
    >> answer cash_out.authorize {"authorisation_code":"654321","holder":"D***","fee_minor":0,"expires_at":1800000120}
    << store cash_out:held
    << tone pay_out
    << show confirm_cash_out
"""
)
QUESTION = (
    APPROVED
    + """
    >> power cut
    << tone attention
    << show cash_question amount=5000 currency=AZN holder=D*** authorisation_code=654321
"""
)


def test_approved_and_not_confirmed_is_asked_and_was_paid():
    talk(
        QUESTION
        + """
    >> link online
    << show cash_question link=online
    >> hello
    << show
    >> keys #
    << tell cash_out.paid operator=101 account=9000000000000001 amount_minor=5000 authorisation_code=654321
    << store cash_out:paid_out*
    << tone ok
    << show operator_number
    """.replace("    >> hello\n    << show\n", "    >> hello\n")
    )


def test_approved_and_not_confirmed_is_asked_and_was_not_paid_while_offline():
    talk(
        QUESTION
        + """
    >> keys 5
    << tone warn
    >> keys *
    << tell cash_out.void why=restart
    << store cash_out:voided*
    << tone ok
    << show boot
    """
    )


def test_in_flight_without_answer_is_voided():
    talk(
        ASK
        + """
    >> power cut
    << tell cash_out.void why=restart
    << store cash_out:checking*
    << show boot
    >> link online
    << show boot
    >> hello
    << show operator_number
    >> acked cash_out.void as_told
    << store cash_out:checking
    >> tick 1
    << ask operation.status
    >> answer operation.status {"operations":[{"operation":$cash_out,"type":"cash_out.authorize","state":"voided"}]}
    << store cash_out:voided
    """
    )


def test_a_tell_in_the_journal_is_believed_over_the_record():
    dialogue = talk(
        APPROVED
        + """
    >> keys #
    << tell cash_out.paid
    << store cash_out:paid_out*
    << tone ok
    << show cash_out_done
    """
    )
    # the power went after the journal was written and before the record was
    dialogue.stored[0]["state"] = "held"
    dialogue.stored[0]["tell"] = ""
    out = dialogue.observe(dialogue.do("power cut"))
    assert [line[:2] for line in out] == [("show", "boot")], out
    assert dialogue.desk.rows[0]["state"] == "paid_out"
    assert dialogue.desk.rows[0]["tell"] == dialogue.tells["cash_out.paid"]


def test_an_open_sale_is_asked_for_and_seen_in_the_list():
    talk(
        """
    >> keys A1250#
    << tone ok
    << store sale:asked
    << ask sale.open
    << show waiting
    >> answer sale.open {"sale":$sale,"qr":"000201","link":"https://pay/p/1","expires_at":1800000300}
    << store sale:open
    << tone ok
    << show sale_qr
    >> power cut
    << show boot
    >> link online
    << show boot
    >> hello
    << show operator_number
    >> tick 1
    << ask operation.status
    >> answer operation.status {"operations":[{"operation":$sale,"type":"","state":"paid","authorisation_code":"777"}]}
    << store sale:paid
    >> keys 101#1357#
    << tone ok
    << ask operator.sign_on +pin 9900000000001018
    << show waiting
    >> answer operator.sign_on {"operator":"101","name":"Cashier One","role":"cashier","drawer":$drawer}
    << tone ok
    << show menu
    >> keys D
    << ask operation.status
    << show recent
    """
    )


def test_cash_in_told_survives_and_is_shown_as_queued():
    dialogue = talk(
        """
    >> keys B9000000000000001#5000#
    << tone ok
    << tone ok
    << ask cash_in.quote
    << show waiting
    >> answer cash_in.quote {"holder":"D***","fee_minor":0,"total_minor":5000}
    << tone pay_in
    << show confirm_cash_in
    >> keys #
    << tell cash_in.taken
    << store cash_in:taken*
    << tone ok
    << show cash_in_done
    >> power cut
    << show boot waiting=1
    >> acked cash_in.taken as_told
    << store cash_in:taken
    """
    )
    assert dialogue.desk.rows[0]["tell"] == ""


def test_a_check_that_cannot_be_sent_does_not_disturb_the_screen():
    talk(
        ASK
        + """
    >> unanswered cash_out.authorize sent
    << tell cash_out.void why=no_answer
    << store cash_out:checking*
    << tone attention
    << show outcome kind=unknown_checking
    >> acked cash_out.void as_told
    << store cash_out:checking
    >> tick 1
    << ask operation.status
    >> failed ask too many asks wait for an answer
    << show outcome kind=unknown_checking
    """
    )

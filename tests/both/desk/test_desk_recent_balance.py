"""Conversations: was it paid (last five), and a customer's balance."""

from dialogue import talk

TAKEN = """
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
"""


def row(dialogue, i=0):
    return dialogue.desk.shown[1]["rows"][i]


def test_nothing_yet():
    talk(">> keys D\n<< show recent rows=()\n>> keys *\n<< show menu")


def test_live_status():
    dialogue = talk(
        TAKEN
        + """
    >> keys D
    << ask operation.status
    << show recent
    >> answer operation.status {"operations":[{"operation":$cash_in,"type":"cash_in.quote","state":"quoted"}]}
    << store cash_in:taken*
    """
    )
    # cash was counted: what the terminal told weighs more than what the backend has not heard yet
    assert row(dialogue) == {
        "type": "cash_in",
        "amount": 5000,
        "currency": "AZN",
        "state": "taken, queued",
        "time": "08:00",
        "checked": False,
    }, row(dialogue)
    dialogue.observe(dialogue.do("acked cash_in.taken as_told"))
    dialogue.observe(dialogue.do("keys D"))
    dialogue.observe(
        dialogue.do('answer operation.status {"operations":[{"operation":$cash_in,"type":"x","state":"taken"}]}')
    )
    assert (row(dialogue)["state"], row(dialogue)["checked"]) == ("taken", True)


def test_offline_shows_what_is_known_as_not_checked():
    dialogue = talk(
        TAKEN
        + """
    >> link no_broker
    << show cash_in_done
    >> keys D
    << show recent notice=Not_checked:_no_connection
    """
    )
    assert row(dialogue)["checked"] is False


def test_no_answer_leaves_the_rows_not_checked():
    talk(
        TAKEN
        + """
    >> keys D
    << ask operation.status
    << show recent
    >> unanswered operation.status sent
    << show recent notice=Not_checked:_no_answer
    >> keys D
    << ask operation.status
    << show recent notice=
    >> keys *
    << show menu
    # an answer that comes after leaving is nobody's
    >> answer operation.status {"operations":[{"operation":$cash_in,"type":"x","state":"taken"}]}
    """
    )


def test_the_list_keeps_what_is_not_known():
    from desk import rows

    kept = []
    for i in range(20):
        one = rows.new("op" + str(i), "sale", i, "AZN", 0)
        one["state"] = "checking" if i == 3 else "paid"
        rows.add(kept, one)
    assert len(kept) == rows.KEPT
    assert kept[-1]["operation"] == "op3"
    assert kept[0]["operation"] == "op19"


def test_balance():
    dialogue = talk(
        """
    >> keys 0
    << show account_entry flow=balance
    >> keys 9000000000000001#
    << tone ok
    << show pin_entry flow=balance amount=0
    >> keys 1234#
    << ask balance +pin 9000000000000001 operator=101 account=9000000000000001
    << show waiting
    >> answer balance {"holder":"D***","available_minor":15000,"held_minor":5000,"currency":"AZN"}
    << tone ok
    << show balance_shown holder=D*** available=15000 held=5000
    >> tick 30
    << show menu
    """
    )
    assert dialogue.desk.pin is None


def test_balance_refused():
    talk(
        """
    >> keys 09000000000000001#1234#
    << tone ok
    << ask balance +pin 9000000000000001
    << show waiting
    >> refused balance pin_wrong 1
    << tone refused
    << show outcome kind=refused tries_left=1
    """
    )

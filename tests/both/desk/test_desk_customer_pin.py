"""Conversations: a customer's new PIN under a supervisor's eyes; what a limit says to the cashier."""

from dialogue import talk

ACCOUNT = "9000000000000001"
SERVICES = '>> hello {"services":["sale","cash_in","cash_out","balance","customer_pin"],"drawer":$drawer}'
APPROVED = (
    SERVICES
    + """
    << show menu
    >> keys #
    << show choice title=More
    >> keys 89000000000000001
    << show account_entry digits=9000000000000001 flow=customer_pin
    >> keys #
    << tone ok
    << show digits_entry title=Approval flow=customer_pin
    >> keys 201#2468#
    << tone ok
    << ask approval.grant +pin 9900000000002016 operator=201 purpose=pin_reset
    << show waiting
    >> answer approval.grant {"approval":"00000000000000000000000009","name":"Supervisor","expires_at":$now}
    << tone ok
    << show pin_entry flow=new_pin stars=0
"""
)
SET = """
    >> keys 5937#
    << show pin_entry flow=new_pin_again stars=0
    >> keys 5937#
    << ask customer_pin.set +pins 9000000000000001 account=9000000000000001 approval=00000000000000000000000009
    << show waiting
"""


def test_it_is_typed_twice_and_set():
    dialogue = talk(
        APPROVED
        + SET
        + """
    >> answer customer_pin.set {"holder":"D*** H*****"}
    << tone ok
    << show done flow=customer_pin
    >> keys #
    << show menu
    """
    )
    assert dialogue.desk.pin is None


def test_two_that_differ_or_one_too_easy_are_chosen_again_under_the_same_approval():
    for reason, text in (("pin_mismatch", "The two PINs differ, choose again"), ("pin_weak", "PIN too easy")):
        dialogue = talk(
            APPROVED
            + SET
            + f"""
    >> refused customer_pin.set {reason}
    << tone refused
    << show pin_entry flow=new_pin stars=0
    """
            + SET
        )
        assert text in dialogue.desk.notice or dialogue.desk.notice == ""


def test_without_approval_nothing_is_asked():
    talk(
        SERVICES
        + """
    << show menu
    >> keys #89000000000000001#
    << tone ok
    << show digits_entry
    >> keys *
    << show account_entry digits=9000000000000001
    >> keys ****************
    << show account_entry digits=
    >> keys *
    << show menu
    """
    )


def test_backing_out_wipes_both_entries():
    dialogue = talk(APPROVED + ">> keys 5937#\n<< show pin_entry flow=new_pin_again")
    dialogue.observe(dialogue.do("keys 59"))
    first, second = dialogue.desk.pin.first, dialogue.desk.pin
    dialogue.observe(dialogue.do("keys ***"))
    assert (first.stars(), second.stars()) == (0, 0)
    assert dialogue.desk.state == "cp_new"
    dialogue.observe(dialogue.do("keys *"))
    assert dialogue.desk.state == "outcome"
    assert dialogue.desk.pin is None


def test_a_pin_nobody_finishes_is_wiped():
    dialogue = talk(APPROVED + ">> keys 5937#\n<< show pin_entry flow=new_pin_again")
    first = dialogue.desk.pin.first
    dialogue.observe(dialogue.do("tick 31"))
    assert first.stars() == 0
    assert dialogue.desk.state == "outcome"


def test_an_unanswered_change_is_said_to_be_unknown():
    dialogue = talk(APPROVED + SET + ">> unanswered customer_pin.set sent\n<< tone attention\n<< show outcome")
    assert "not known" in dialogue.desk.shown[1]["text"]


def test_a_limit_says_what_it_is_and_what_is_left():
    dialogue = talk(
        """
    >> keys B9000000000000001#5000#
    << tone ok
    << tone ok
    << ask cash_in.quote
    << show waiting
    >> refused cash_in.quote amount_over_limit {"limit_minor":10000,"left_minor":2000,"period":"day","currency":"AZN"}
    << tone refused
    << show outcome kind=refused
    """
    )
    assert dialogue.desk.shown[1]["text"] == "Amount above the limit. Limit 100.00 AZN a day, left 20.00 AZN"

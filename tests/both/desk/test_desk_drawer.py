"""Conversations: the drawer's life, from a drop to the Z report."""

# ruff: noqa: E501, UP031  (what is answered stands on one line, and holds braces)

from dialogue import talk

COUNTED = (
    '{"drawer":"00000000000000000000000000","state":"counted","operator":"101","cash_minor":10000,"counted_minor":9850}'
)
SHORT = (
    """
    >> hello {"drawer": %s}
    << show facts title=Counted note=A_reason_and_a_supervisor_are_needed. ok=Explain
    >> keys #
    << show choice
    >> keys 9
    << tone warn
    >> keys 2
    << show digits_entry title=Approval hint=Short_1.50_AZN:_Wrong_change_given
"""
    % COUNTED
)


def test_a_drop_shows_the_number_of_its_bag():
    talk(
        """
        >> keys #71
        << show amount_entry flow=drawer amount=0
        >> keys #
        << tone warn
        << show amount_entry notice=Type_an_amount_first
        >> keys 3000#
        << tone ok
        << show confirm title=Drop_cash big=3000
        >> keys #
        << tone ok
        << store drop:asked
        << ask drawer.drop operator=101 amount_minor=3000 currency=AZN
        << show waiting text=Booking_the_drop
        >> answer drawer.drop {"bag":"482913","cash_minor":7000}
        << store drop:done
        << tone ok
        << show done big=3000 note=Write_the_number_on_the_bag
        >> keys #
        << show menu drawer_minor=7000
        """
    )


def test_a_drop_whose_answer_is_lost_is_asked_for_until_it_is_known():
    dialogue = talk(
        """
        >> keys #713000##
        << tone ok
        << tone ok
        << store drop:asked
        << ask drawer.drop
        << show waiting
        >> unanswered drawer.drop sent
        << store drop:checking
        << tone attention
        << show outcome kind=unknown_checking
        >> tick 1
        << ask operation.status
        """
    )
    drop = dialogue.asks["drawer.drop"]
    known = '{"operations":[{"operation":"%s","type":"drop","state":"done","authorisation_code":"482913"}]}' % drop
    lines = dialogue.observe(dialogue.do("answer operation.status " + known))
    assert [line[:2] for line in lines] == [("store", "drop:done"), ("tone", "ok"), ("show", "done")]
    assert lines[2][2]["rows"] == (("Bag number", "482913"),)
    assert dialogue.desk.drawer_minor == 7000


def test_after_a_power_cut_a_drop_is_asked_for_and_nothing_is_told():
    talk(
        """
        >> keys #713000##
        << tone ok
        << tone ok
        << store drop:asked
        << ask drawer.drop
        << show waiting
        >> power cut
        << show boot
        """
    )


def test_an_x_report_goes_over_several_screens():
    lines = ",".join(['{"line":"cash_in","count":1,"in_minor":5,"out_minor":0}'] * 8)
    talk(
        """
        >> keys #72
        << ask drawer.report operator=101
        << show waiting
        >> answer drawer.report {"drawer":"00000000000000000000000000","opened_at":$now,"float_minor":100,"currency":"AZN","lines":[%s]}
        << tone ok
        << show facts title=X_report ok=More
        >> keys #
        << show facts ok=Done
        >> keys #
        << show menu
        """
        % lines
    )


def test_a_handover_is_confirmed_by_the_other_operator():
    talk(
        """
        >> keys #7310000#
        << tone ok
        << show digits_entry label=Who_takes_over?
        >> keys 101#
        << tone warn
        << show digits_entry notice=Another_operator's_number
        >> keys ***102#
        << tone ok
        << show staff_pin label=102_takes_100.00_AZN stars=0
        >> keys 9753#
        << ask drawer.handover +pin 9900000000001026 operator=101 to=102 counted_minor=10000
        << show waiting text=Handing_over
        >> refused drawer.handover count_differs
        << tone refused
        << show outcome kind=refused text=Count_differs_from_the_books
        >> keys *
        << show menu operator=Cashier_One
        >> keys #7310000#102#9753#
        << tone ok
        << tone ok
        << ask drawer.handover +pin 9900000000001026
        << show waiting
        >> answer drawer.handover {"operator":"102","name":"Cashier Two","role":"cashier","drawer":$drawer}
        << tone ok
        << show done title=Handed_over big=10000
        >> keys #
        << show menu operator=Cashier_Two
        """
    )


def test_the_count_is_blind_until_it_is_sealed():
    talk(
        """
        >> keys #74
        << show digits_entry title=Count_1_of_14 label=Pieces_of_500.00_AZN digits=
        >> keys ##2#*1###########
        << show digits_entry title=Count_14_of_14 label=Pieces_of_0.01_AZN
        >> keys #
        << show confirm title=Count big=10000
        >> keys *
        << show digits_entry title=Count_14_of_14
        >> keys #
        << show confirm big=10000
        >> keys #
        << tone ok
        << ask drawer.count operator=101 counted_minor=10000
        << show waiting
        >> answer drawer.count {"drawer":"00000000000000000000000000","counted_minor":10000,"expected_minor":10000,"currency":"AZN"}
        << tone ok
        << show facts title=Counted ok=Close
        >> keys #
        << tone ok
        << ask drawer.close operator=101 drawer=00000000000000000000000000
        << show waiting
        >> answer drawer.close {"number":12,"counted_minor":10000,"expected_minor":10000,"currency":"AZN","bag":"482913"}
        << tone ok
        << show done title=Drawer_closed big=10000
        >> keys #
        << show drawer_float
        """
    )


def test_a_difference_needs_a_reason_and_another_person():
    talk(
        SHORT
        + """
        >> keys 101#
        << tone warn
        << show digits_entry notice=Another_person_must_approve
        >> keys ***201#
        << tone ok
        << show staff_pin label=PIN_of_supervisor_201
        >> keys 9999#
        << ask approval.grant +pin 9900000000002016 operator=201 purpose=variance amount_minor=150
        << show waiting
        >> refused approval.grant operator_pin_wrong 2
        << tone attention
        << show digits_entry notice=Operator_PIN_wrong:_2_left
        >> keys 201#2468#
        << tone ok
        << ask approval.grant +pin 9900000000002016
        << show waiting
        >> answer approval.grant {"approval":"00000000000000000000000009","name":"Supervisor","expires_at":$now}
        << tone ok
        << ask drawer.close reason=change approval=00000000000000000000000009
        << show waiting
        """
    )


def test_nobody_approves_and_the_drawer_stays_counted():
    talk(
        SHORT
        + """
        >> keys *
        << show facts title=Counted
        >> keys *
        << tone ok
        << show operator_number
        """
    )


def test_a_drawer_neither_opens_nor_closes_offline_and_says_why():
    talk(
        """
        >> link no_backend
        << show menu link=no_backend
        >> keys #74
        << tone attention
        << show outcome kind=unreachable text=The_branch_has_no_line_to_the_centre._Nothing_was_done._A_drawer_opens_and_closes_online_only.
        """
    )


def test_what_is_not_sent_yet_is_warned_of_before_the_count():
    talk(
        """
        >> queue 2 30
        << show menu
        >> keys #74
        << tone warn
        << show choice notice=2_to_send._4_again:_they_come_late
        >> keys 4
        << show digits_entry title=Count_1_of_14
        """
    )


def test_low_and_high_cash_are_marked():
    talk(
        """
        >> hello {"drawer": {"drawer":"00000000000000000000000000","state":"open","operator":"101","cash_minor":1000,"low_minor":2000,"high_minor":50000}}
        << show menu cash_mark=low cash_shown=False
        >> hello {"drawer": {"drawer":"00000000000000000000000000","state":"open","operator":"101","cash_minor":50001,"low_minor":2000,"high_minor":50000}}
        << show menu cash_mark=high
        """
    )


def test_a_supervisor_receives_a_bag_without_opening_a_drawer():
    talk(
        """
        >> link online
        << show boot
        >> hello
        << show operator_number
        >> keys 201#2468#
        << tone ok
        << ask operator.sign_on +pin 9900000000002016
        << show waiting
        >> answer operator.sign_on {"operator":"201","name":"Supervisor","role":"supervisor","drawer":null}
        << tone ok
        << show drawer_float vault=True
        >> keys D5
        << show digits_entry label=Number_on_the_bag
        >> keys 48291#
        << tone warn
        << show digits_entry notice=A_bag's_number_has_6_digits
        >> keys 3#
        << tone ok
        << ask drawer.receive operator=201 bag=482913
        << show waiting
        >> answer drawer.receive {"bag":"482913","amount_minor":3000,"currency":"AZN","from":"T0000001","dropped_at":$now}
        << tone ok
        << show done title=Bag_received big=3000
        >> keys #
        << show drawer_float
        """,
        at_menu=False,
    )

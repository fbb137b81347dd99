"""Conversations: bills, from the catalogue to the provider's receipt, in cash and from a wallet."""

from dialogue import talk

HELLO = '>> hello {"services":["sale","cash_in","cash_out","balance","drawer","bills","transfer"],"drawer":$drawer}'
LIST = (
    HELLO
    + """
    << show menu
    >> keys #2
    << ask bill.catalogue operator=101 group=bills page=0
    << show waiting flow=bill text=Reading_the_catalogue
    >> answer bill.catalogue {"services":[{"service":"mobile","name":"Mobile phone","label":"Phone number",\
"min_digits":7,"max_digits":12},{"service":"water","name":"Water","label":"Customer number",\
"min_digits":6,"max_digits":12}],"pages":1}
    << show choice title=Pay_a_bill flow=bill
"""
)
NUMBER = (
    LIST
    + """
    >> keys 2
    << show digits_entry title=Water label=Customer_number max_digits=12 digits=
    >> keys 12345
    << show digits_entry digits=12345
    >> keys #
    << tone warn
    << show digits_entry notice=6_digits_needed,_5_typed
    >> keys 678#
    << tone ok
    << ask bill.lookup operator=101 service=water reference=12345678 currency=AZN
    << show waiting text=Asking_the_provider
"""
)
FACTS = (
    NUMBER
    + """
    >> answer bill.lookup {"name":"Water","shown":"**** 5678","debt_minor":6678,"amount_minor":6678,"fee_minor":50,\
"total_minor":6728,"min_minor":10,"max_minor":500000,"currency":"AZN"}
    << tone ok
    << show facts title=Water flow=bill
"""
)
TAKEN = (
    FACTS
    + """
    >> keys 1
    << show confirm big=6728 ok=Cash_taken
    >> keys #
    << tell bill.taken operator=101 amount_minor=6678 fee_minor=50 currency=AZN drawer=00000000000000000000000000
    << store bill:taken*
    << tone pay_in
    << show done big=6728 queued=True note=The_provider_is_being_paid...
    >> acked bill.taken as_told
    << store bill:taken
    << show done queued=False
"""
)


def test_paid_in_cash_and_the_receipt_number_comes_as_news():
    talk(
        TAKEN
        + """
    >> news bill.done {"operation":$bill,"name":"Water","amount_minor":6678,"currency":"AZN","receipt":"R1234"}
    << store bill:done
    << tone ok
    << show done note=Paid_to_the_provider
    >> keys #
    << show menu drawer_minor=16728
    """
    )


def test_cash_of_a_declined_bill_is_asked_back_and_told():
    talk(
        TAKEN
        + """
    >> news bill.failed {"operation":$bill,"name":"Water","amount_minor":6678,"currency":"AZN","why":"declined",\
"return_minor":6728}
    << store bill:failed
    << tone attention
    << show confirm big=6728 ok=Cash_given_back
    >> keys #
    << tell bill.returned operator=101 amount_minor=6728 currency=AZN
    << store bill:returned*
    << tone pay_out
    << show done title=Cash_given_back big=6728 queued=True
    >> acked bill.returned as_told
    << store bill:returned
    << show done queued=False
    >> keys #
    << show menu drawer_minor=10000
    """
    )


def test_a_declined_bill_that_left_the_screen_waits_in_the_list():
    talk(
        TAKEN
        + """
    >> keys #
    << show menu
    >> news bill.failed {"operation":$bill,"name":"Water","amount_minor":6678,"currency":"AZN","why":"declined",\
"return_minor":6728} late
    << store bill:failed
    << tone attention
    << show menu notice=Bill_NOT_paid:_give_cash_back
    >> keys #2
    << ask bill.catalogue group=bills
    << show waiting
    >> answer bill.catalogue {"services":[],"pages":1}
    << show choice
    >> keys 9
    << show confirm big=6728
    >> keys *
    << show menu
    """
    )


def test_paid_from_a_wallet_with_its_pin():
    talk(
        FACTS
        + """
    >> keys 29000000000000001#
    << tone ok
    << show pin_entry flow=bill amount=6728
    >> keys 1234#
    << store bill:asked
    << ask bill.pay +pin 9000000000000001 operator=101 account=9000000000000001 amount_minor=6678 fee_minor=50
    << show waiting
    >> answer bill.pay {"operation":$bill,"state":"pending"}
    << store bill:pending
    << tone ok
    << show done big=6728 queued=False
    >> news bill.failed {"operation":$bill,"name":"Water","amount_minor":6678,"currency":"AZN","why":"closed",\
"return_minor":0}
    << store bill:failed
    << tone refused
    << show outcome kind=refused title=NOT_PAID
    """
    )


def test_a_wallet_payment_without_an_answer_is_given_up_and_checked():
    talk(
        FACTS
        + """
    >> keys 29000000000000001#1234#
    << tone ok
    << store bill:asked
    << ask bill.pay +pin 9000000000000001
    << show waiting
    >> unanswered bill.pay sent
    << tell bill.void why=no_answer
    << store bill:checking*
    << tone attention
    << show outcome kind=unknown_checking
    """
    )


def test_a_power_cut_between_the_pin_and_the_answer_gives_the_payment_up():
    talk(
        FACTS
        + """
    >> keys 29000000000000001#1234#
    << tone ok
    << store bill:asked
    << ask bill.pay +pin 9000000000000001
    << show waiting
    >> power cut
    << tell bill.void why=restart
    << store bill:checking*
    << show boot
    """
    )


def test_without_a_debt_an_amount_is_typed_and_priced():
    talk(
        NUMBER
        + """
    >> answer bill.lookup {"name":"Mobile phone","shown":"**** 5678","debt_minor":0,"amount_minor":0,"fee_minor":0,\
"total_minor":0,"min_minor":100,"max_minor":50000,"currency":"AZN"}
    << tone ok
    << show amount_entry flow=bill amount=0
    >> keys 500#
    << tone ok
    << ask bill.lookup reference=12345678 amount_minor=500
    << show waiting
    """
    )


def test_the_catalogue_of_money_sent_out_is_one_key_away():
    talk(
        LIST
        + """
    >> keys 8
    << ask bill.catalogue group=transfers
    << show waiting flow=transfer
    >> refused bill.catalogue service_off
    << tone refused
    << show outcome kind=refused
    """
    )


def test_a_long_catalogue_is_read_page_by_page():
    page = '{"services":[{"service":"s%d","name":"S%d","label":"No","min_digits":1,"max_digits":2}],"pages":2}'
    talk(
        LIST.partition(">> answer")[0]
        + """
    >> answer bill.catalogue PAGE0
    << show choice page=1/2
    >> keys 7
    << ask bill.catalogue group=bills page=1
    << show waiting
    >> answer bill.catalogue PAGE1
    << show choice page=2/2
    >> keys 7
    << ask bill.catalogue group=bills page=0
    << show waiting
    """.replace("PAGE0", page % (0, 0)).replace("PAGE1", page % (1, 1))
    )

"""Screens where cash moves: pay-in green with an arrow into the drawer, pay-out orange with an arrow out of it."""

from desk.ui import colours, fonts
from desk.ui.screens.sale import HURRY_S, done_disc, strip
from desk.ui.sheet import INNER, MARGIN, WIDTH, Sheet, amount, field, footer, header, row, status_bar
from desk.ui.text import money, seconds


def _order(sheet, icon, verb, whom, colour):
    """What the cashier is to do now: a large arrow and one word."""
    sheet.text(MARGIN + 8, 80, fonts.LARGE_ICONS, colour, icon)
    sheet.text(92, 80, fonts.TITLE, colour, verb)
    sheet.text(92, 116, fonts.BODY, colours.INK, whom)


def _figure(sheet, amount_minor, currency, colour):
    """The cash to be counted."""
    field(sheet, 152, 62, colour)
    amount(sheet, 183, amount_minor, currency, colours.INK, colours.WHITE, INNER - 12)


def confirm_cash_in(fields):
    """Count the customer's cash, then confirm."""
    currency = fields["currency"]
    sheet = Sheet(colours.PAPER)
    status_bar(sheet, fields)
    header(sheet, "cash_in")
    _order(sheet, "J", "TAKE", "from customer", colours.CASH_IN)
    _figure(sheet, fields["total"], currency, colours.CASH_IN)
    row(sheet, 218, "Account", fields["holder"])
    row(sheet, 240, "Pay-in", money(fields["amount"], currency) + " " + currency)
    row(sheet, 262, "Fee", money(fields["fee"], currency) + " " + currency)
    footer(sheet, "Not taken", "Cash taken", accent=colours.CASH_IN)
    return sheet


def confirm_cash_out(fields):
    """Pay the customer, then confirm; the hold ends by itself."""
    currency = fields["currency"]
    sheet = Sheet(colours.PAPER)
    status_bar(sheet, fields)
    header(sheet, "cash_out")
    _order(sheet, "K", "PAY", "to customer", colours.CASH_OUT)
    left = fields["seconds_left"]
    x = sheet.right(WIDTH - MARGIN, 84, fonts.BODY, colours.REFUSED if left <= HURRY_S else colours.GREY, seconds(left))
    sheet.text(x - 21, 88, fonts.ICONS, colours.GREY, "E")
    _figure(sheet, fields["amount"], currency, colours.CASH_OUT)
    row(sheet, 218, "Account", fields["holder"])
    row(sheet, 240, "Authorisation", fields["authorisation_code"])
    row(sheet, 262, "Fee", money(fields["fee"], currency) + " " + currency)
    footer(sheet, "Not paid", "Cash paid", accent=colours.CASH_OUT)
    return sheet


def _done(fields, flow, words, text):
    """A flow's own colour over the whole screen, with a tick."""
    sheet = Sheet(colours.FLOW[flow])
    status_bar(sheet, fields)
    header(sheet, flow)
    done_disc(sheet, 78)
    sheet.centre(146, fonts.BODY, colours.WHITE, words)
    amount(sheet, 191, fields["amount"], fields["currency"], colours.WHITE)
    sheet.centre(216, fonts.BODY, colours.WHITE, fields["holder"])
    if fields["queued"]:
        strip(sheet, 262, "Stored. Sent when online")
    sheet.centre(240, fonts.SMALL, colours.WHITE, text)
    footer(sheet, "Print", "Next", sheet.ground, first="0")
    return sheet


def cash_in_done(fields):
    """The pay-in is recorded."""
    drawer = "Drawer +" + money(fields["total"], fields["currency"])
    return _done(fields, "cash_in", "Paid in", drawer)


def cash_out_done(fields):
    """The pay-out is recorded."""
    return _done(fields, "cash_out", "Paid out", "Authorisation " + fields["authorisation_code"])


def cash_question(fields):
    """After a power cut: only the cashier knows whether this cash was handed over."""
    sheet = Sheet(colours.PAPER)
    status_bar(sheet, fields)
    header(sheet, "cash_out")
    sheet.text(MARGIN + 8, 80, fonts.LARGE_ICONS, colours.UNKNOWN, "F")
    sheet.text(92, 80, fonts.TITLE, colours.UNKNOWN, "WAS IT")
    sheet.text(92, 112, fonts.TITLE, colours.UNKNOWN, "PAID?")
    _figure(sheet, fields["amount"], fields["currency"], colours.CASH_OUT)
    row(sheet, 218, "Account", fields["holder"])
    row(sheet, 240, "Authorisation", fields["authorisation_code"])
    row(sheet, 262, "Asked for at", fields["time"])
    footer(sheet, "No, not paid", "Yes, paid", accent=colours.CASH_OUT)
    return sheet

"""Every transition of the desk, in one text; `desk.machine` reads it."""

#: Every transition, a line each: the state, the event's kind, the handler, the states it may lead to besides staying. A
#: device has no room for all of it at once: it reads a line when an event needs it, and loads the flow then. `*flow`
#: stands for that flow's TARGETS. A key without a line sounds a soft warning; any other event without one is noted as
#: an internal error. Neither changes anything.
ROWS = """
boot booted recovery.booted question home
boot hello link.hello home
boot unwelcome link.hello_refused fault
question ok recovery.was_paid home
question back recovery.was_not_paid home
fault ok recovery.after_fault question home
fault hello link.hello
op_number digit entry.operator_digit
op_number back sign_on.number_back
op_number ok sign_on.number_ok op_pin
op_pin digit entry.pin_digit
op_pin back sign_on.pin_back op_number
op_pin ok sign_on.pin_ok signing_on outcome
op_pin tick entry.pin_tick outcome
signing_on answer sign_on.answered home
signing_on refused sign_on.refused outcome
signing_on unanswered sign_on.unanswered outcome
drawer digit entry.amount_digit
drawer back drawer.back home
drawer ok drawer.ok opening outcome
opening answer drawer.answered home
opening refused drawer.refused outcome
opening unanswered drawer.unanswered outcome
menu A menu.sale sale_entry
menu B menu.cash_in in_number
menu C menu.cash_out out_number
menu D menu.was_it_paid recent
menu digit menu.digit bal_number
menu ok more.start more
menu back sign_on.sign_off home
menu hello link.hello home
more digit more.digit *more
more back more.back home
drawer D drawer_menu.start dr_menu
dr_done ok results.leave home
dr_done back results.leave home
dp_amount digit entry.amount_digit
dp_amount back drawer_cash.drop_back home
dp_amount ok drawer_cash.drop_ok dp_confirm
dp_confirm back drawer_cash.confirm_back dp_amount
dp_confirm ok drawer_cash.confirm_ok dp_asking outcome
dp_asking answer drawer_cash.dropped dr_done
dp_asking refused drawer_cash.refused outcome
dp_asking unanswered drawer_cash.drop_unanswered outcome
bag_number digit entry.page_digit
bag_number back drawer_cash.bag_back home
bag_number ok drawer_cash.bag_ok bag_asking outcome
bag_asking answer drawer_cash.received dr_done
bag_asking refused drawer_cash.refused outcome
bag_asking unanswered drawer_cash.bag_unanswered outcome
rp_asking answer drawer_cash.reported rp_shown
rp_asking refused drawer_cash.refused outcome
rp_asking unanswered drawer_cash.unanswered outcome
rp_shown ok drawer_cash.report_ok home
rp_shown back drawer_cash.leave home
ho_amount digit entry.amount_digit
ho_amount back handover.amount_back home
ho_amount ok handover.amount_ok ho_number
ho_number digit entry.page_digit
ho_number back handover.number_back ho_amount
ho_number ok handover.number_ok ho_pin
ho_pin digit entry.pin_digit
ho_pin back handover.pin_back ho_number
ho_pin ok handover.pin_ok ho_asking outcome
ho_pin tick entry.pin_tick outcome
ho_asking answer handover.handed_over dr_done
ho_asking refused handover.refused outcome
ho_asking unanswered handover.unanswered outcome
ct_piece digit entry.page_digit
ct_piece back drawer_close.piece_back home
ct_piece ok drawer_close.piece_ok ct_confirm
ct_confirm back drawer_close.confirm_back ct_piece
ct_confirm ok drawer_close.confirm_ok ct_asking outcome
ct_asking answer drawer_close.counted home
ct_asking refused drawer_close.refused outcome
ct_asking unanswered drawer_close.unanswered outcome
dr_counted back drawer_close.counted_back home
dr_counted ok drawer_close.counted_ok cl_reason cl_asking outcome
dr_counted hello link.hello home
cl_reason digit drawer_close.reason ap_number
cl_reason back drawer_close.reason_back home
cl_asking answer drawer_close.closed dr_done
cl_asking refused drawer_close.refused outcome
cl_asking unanswered drawer_close.unanswered outcome
dr_menu digit drawer_menu.digit *drawer_menu
dr_menu back more.start more home
ap_number digit entry.page_digit
ap_number back approval.number_back *approval
ap_number ok approval.number_ok ap_pin
ap_pin digit entry.pin_digit
ap_pin back approval.pin_back ap_number
ap_pin ok approval.pin_ok ap_asking ap_number
ap_pin tick approval.pin_tick ap_number
ap_asking answer approval.granted *approval
ap_asking refused approval.refused ap_number
ap_asking unanswered approval.unanswered ap_number
sale_entry digit entry.amount_digit
sale_entry back sale.amount_back home
sale_entry ok sale.amount_ok sale_open outcome
sale_open answer sale.opened sale_qr
sale_open refused sale.open_refused outcome
sale_open unanswered sale.open_unanswered outcome
sale_qr news news.about_sale paid outcome
sale_qr tick sale.countdown sale_check outcome
sale_qr back sale.cancel sale_check outcome
sale_check answer sale.status paid outcome
sale_check refused sale.status_refused outcome
sale_check unanswered sale.status_unanswered outcome
sale_check tick sale.retry outcome
sale_check news news.about_sale paid outcome
sale_check back sale.leave home
in_number digit entry.account_digit
in_number back cash_in.account_back home
in_number ok identify.ok *identify
in_number scan identify.scanned *identify
in_amount digit entry.amount_digit
in_amount back cash_in.amount_back in_number
in_amount ok cash_in.amount_ok in_asking outcome
in_asking answer cash_in.quoted in_confirm
in_asking refused cash_in.refused outcome
in_asking unanswered cash_in.unanswered outcome
in_confirm ok cash_in.counted in_done
in_confirm back cash_in.cancel outcome
out_number digit entry.account_digit
out_number back cash_out.account_back home
out_number ok identify.ok *identify
out_number scan identify.scanned *identify
out_amount digit entry.amount_digit
out_amount back cash_out.amount_back out_number
out_amount ok cash_out.amount_ok out_pin out_asking outcome
out_pin digit entry.pin_digit
out_pin back cash_out.pin_back out_amount
out_pin ok cash_out.pin_ok out_asking outcome
out_pin tick entry.pin_tick outcome
out_asking answer cash_out.approved out_hold
out_asking refused cash_out.refused out_pin outcome
out_asking unanswered cash_out.authorize_unanswered outcome
out_hold ok cash_out.paid out_done
out_hold back cash_out.not_paid outcome
out_hold tick cash_out.hold_countdown outcome
out_hold news news.about_hold outcome
bal_number digit entry.account_digit
bal_number back balance.account_back home
bal_number ok identify.ok *identify
bal_number scan identify.scanned *identify
bal_pin digit entry.pin_digit
bal_pin back balance.pin_back bal_number
bal_pin ok balance.pin_ok bal_asking outcome
bal_pin tick entry.pin_tick outcome
bal_asking answer balance.answered bal_shown st_shown
bal_asking refused balance.refused outcome
bal_asking unanswered balance.unanswered outcome
st_shown ok results.leave home
st_shown back results.leave home
st_shown tick results.tick_balance home
ident answer identify.answered *identify
tr_from digit entry.account_digit
tr_from back transfer.from_back home
tr_from ok identify.ok *identify
tr_from scan identify.scanned *identify
tr_to digit entry.account_digit
tr_to back transfer.to_back tr_from
tr_to ok identify.ok *identify
tr_to scan identify.scanned *identify
tr_amount digit entry.amount_digit
tr_amount back transfer.amount_back tr_to
tr_amount ok transfer.amount_ok tr_asking outcome
tr_asking answer transfer.quoted tr_confirm
tr_confirm ok transfer.confirm_ok tr_pin tr_making outcome
tr_confirm back transfer.cancel outcome
tr_pin digit entry.pin_digit
tr_pin back transfer.pin_back tr_confirm
tr_pin ok transfer.pin_ok tr_making outcome
tr_pin tick entry.pin_tick outcome
tr_making answer transfer.made mv_done
rf_code digit entry.page_digit
rf_code back refund.code_back home
rf_code ok refund.code_ok rf_finding outcome
rf_code scan refund.scanned rf_finding outcome
rf_finding answer refund.found rf_choice rf_amount outcome
rf_choice digit refund.choose rf_amount outcome
rf_choice back refund.leave home
rf_amount digit entry.amount_digit
rf_amount back refund.amount_back rf_code
rf_amount ok refund.amount_ok rf_confirm
rf_confirm ok refund.confirm_ok rf_making outcome
rf_confirm back refund.confirm_back rf_amount
rf_making answer refund.made mv_done
rf_making refused refund.refused ap_number outcome
pk_kind digit pickup.kind pk_from pk_amount
pk_kind back pickup.kind_back home
pk_from digit entry.account_digit
pk_from back pickup.from_back pk_kind
pk_from ok identify.ok *identify
pk_from scan identify.scanned *identify
pk_amount digit entry.amount_digit
pk_amount back pickup.amount_back pk_kind
pk_amount ok pickup.amount_ok pk_asking outcome
pk_asking answer pickup.quoted pk_confirm
pk_confirm ok pickup.confirm_ok pk_secret
pk_confirm back pickup.cancel outcome
pk_secret digit entry.pin_digit
pk_secret back pickup.secret_back pk_confirm
pk_secret ok pickup.secret_ok pk_sealing outcome
pk_secret tick entry.pin_tick outcome
pk_sealing answer pickup.sealed pk_take pk_pin pk_funding outcome
pk_take ok pickup.taken mv_done
pk_take back pickup.cancel outcome
pk_pin digit entry.pin_digit
pk_pin back pickup.pin_back outcome
pk_pin ok pickup.pin_ok pk_funding outcome
pk_pin tick entry.pin_tick outcome
pk_funding answer pickup.funded mv_done
rd_code digit entry.page_digit
rd_code back redeem.code_back home
rd_code ok redeem.code_ok rd_secret outcome
rd_code scan redeem.scanned rd_secret outcome
rd_secret digit entry.pin_digit
rd_secret back redeem.secret_back rd_code
rd_secret ok redeem.secret_ok rd_asking outcome
rd_secret tick entry.pin_tick outcome
rd_asking answer redeem.approved out_hold
cp_number digit entry.account_digit
cp_number back customer_pin.account_back home
cp_number ok customer_pin.account_ok ap_number outcome
cp_new digit entry.pin_digit
cp_new back customer_pin.pin_back outcome
cp_new ok customer_pin.new_ok cp_again
cp_new tick entry.pin_tick outcome
cp_again digit entry.pin_digit
cp_again back customer_pin.pin_back cp_new
cp_again ok customer_pin.again_ok cp_asking outcome
cp_again tick entry.pin_tick outcome
cp_asking answer customer_pin.answered mv_done
cp_asking refused customer_pin.refused cp_new outcome
cp_asking unanswered customer_pin.unanswered outcome
rd_asking unanswered cash_out.authorize_unanswered outcome
mv_done ok results.leave home
mv_done digit receipt.key
mv_done back results.leave home
mv_done tick results.tick home
bi_listing answer bill.listed bi_list
bi_list digit bill.list_digit bi_number bi_listing bi_return outcome
bi_list back bill.list_back home
bi_number digit bill.number_digit
bi_number back bill.number_back bi_list
bi_number ok bill.number_ok bi_looking outcome
bi_looking answer bill.found bi_facts bi_amount
bi_facts digit bill.facts_digit bi_cash bi_account bi_amount
bi_facts back bill.facts_back bi_number
bi_amount digit entry.amount_digit
bi_amount back bill.amount_back bi_number
bi_amount ok bill.amount_ok bi_looking outcome
bi_cash ok bill_pay.cash_taken bi_done
bi_cash back bill_pay.cash_back outcome
bi_account digit entry.account_digit
bi_account back bill_pay.account_back bi_facts
bi_account ok bill_pay.account_ok bi_pin outcome
bi_pin digit entry.pin_digit
bi_pin back bill_pay.pin_back bi_account
bi_pin ok bill_pay.pin_ok bi_paying outcome
bi_pin tick entry.pin_tick outcome
bi_paying answer bill_pay.paying bi_done
bi_paying unanswered bill_pay.pay_unanswered outcome
bi_done news bill_pay.news bi_return outcome
bi_done ok results.leave home
bi_done back results.leave home
bi_done tick results.tick home
bi_return ok bill_pay.returned bi_done
bi_return back bill_pay.return_later home
recent answer recent.answered
recent refused recent.unanswered
recent unanswered recent.unanswered
recent D recent.again
recent ok recent.leave home
recent back recent.leave home
paid ok results.leave home
paid digit receipt.key
paid back results.leave home
paid A menu.sale sale_entry home
paid B menu.cash_in in_number home
paid C menu.cash_out out_number home
paid D menu.was_it_paid recent home
paid tick results.tick home
in_done ok results.leave home
in_done digit receipt.key
in_done back results.leave home
in_done tick results.tick home
out_done ok results.leave home
out_done digit receipt.key
out_done back results.leave home
out_done tick results.tick home
in_done A menu.sale sale_entry home
in_done B menu.cash_in in_number home
in_done C menu.cash_out out_number home
in_done D menu.was_it_paid recent home
out_done A menu.sale sale_entry home
out_done B menu.cash_in in_number home
out_done C menu.cash_out out_number home
out_done D menu.was_it_paid recent home
bal_shown ok results.leave home
bal_shown back results.leave home
bal_shown tick results.tick_balance home
outcome ok results.ok_outcome home
outcome back results.leave home
outcome tick results.tick_outcome home
outcome news news.about_sale paid
outcome checked link.checked paid mv_done dr_done
any tick link.tick
any link link.changed
any hello link.hello
any unwelcome link.hello_refused_later
any scan identify.ignored
any refused steps.refused outcome
any unanswered steps.unanswered outcome
any queue link.queued
any acked link.acked
any news news.other paid
any checked link.checked
any unchecked link.unchecked
any stale link.stale
any failed link.effect_failed fault
"""

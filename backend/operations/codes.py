"""Why money moved: the code each transfer carries. A retired code keeps its number."""

from __future__ import annotations

from typing import Final

TRANSFER: Final = 1
SALE: Final = 10
SALE_FEE: Final = 11
CASH_IN: Final = 20
CASH_IN_FEE: Final = 21
CASH_OUT: Final = 30
CASH_OUT_FEE: Final = 31
DRAWER_FLOAT: Final = 40
DRAWER_DROP: Final = 41
DRAWER_CLOSE: Final = 42
VAULT_RECEIVE: Final = 43
OVER_SHORT: Final = 44
OPENING: Final = 50
WALLET_TRANSFER: Final = 60
WALLET_TRANSFER_FEE: Final = 61
REFUND: Final = 62
PICKUP: Final = 63
PICKUP_FEE: Final = 64
PICKUP_PAID: Final = 65
PICKUP_RETURN: Final = 66
RAIL_CASH: Final = 70
RAIL_OUT: Final = 71
RAIL_FEE: Final = 72
RAIL_RETURN: Final = 73
RAIL_IN: Final = 74
SUSPENSE: Final = 90

NAMES: Final = {
    TRANSFER: "transfer",
    SALE: "sale",
    SALE_FEE: "sale_fee",
    CASH_IN: "cash_in",
    CASH_IN_FEE: "cash_in_fee",
    CASH_OUT: "cash_out",
    CASH_OUT_FEE: "cash_out_fee",
    DRAWER_FLOAT: "drawer_float",
    DRAWER_DROP: "drawer_drop",
    DRAWER_CLOSE: "drawer_close",
    VAULT_RECEIVE: "vault_receive",
    OVER_SHORT: "over_short",
    OPENING: "opening",
    WALLET_TRANSFER: "transfer",
    WALLET_TRANSFER_FEE: "transfer_fee",
    REFUND: "refund",
    PICKUP: "pickup",
    PICKUP_FEE: "pickup_fee",
    PICKUP_PAID: "pickup_paid",
    PICKUP_RETURN: "pickup_return",
    RAIL_CASH: "rail_cash",
    RAIL_OUT: "rail_out",
    RAIL_FEE: "rail_fee",
    RAIL_RETURN: "rail_return",
    RAIL_IN: "rail_in",
    SUSPENSE: "suspense",
}

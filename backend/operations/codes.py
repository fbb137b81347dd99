"""Why money moved: the code each transfer carries. A retired code keeps its number."""

from __future__ import annotations

from typing import Final

TRANSFER: Final = 1
SALE: Final = 10
CASH_IN: Final = 20
CASH_IN_FEE: Final = 21
CASH_OUT: Final = 30
CASH_OUT_FEE: Final = 31
DRAWER_FLOAT: Final = 40
OPENING: Final = 50
RAIL_CASH: Final = 60
RAIL_OUT: Final = 61
RAIL_FEE: Final = 62
RAIL_RETURN: Final = 63
RAIL_IN: Final = 64
SUSPENSE: Final = 90

NAMES: Final = {
    TRANSFER: "transfer",
    SALE: "sale",
    CASH_IN: "cash_in",
    CASH_IN_FEE: "cash_in_fee",
    CASH_OUT: "cash_out",
    CASH_OUT_FEE: "cash_out_fee",
    DRAWER_FLOAT: "drawer_float",
    OPENING: "opening",
    RAIL_CASH: "rail_cash",
    RAIL_OUT: "rail_out",
    RAIL_FEE: "rail_fee",
    RAIL_RETURN: "rail_return",
    RAIL_IN: "rail_in",
    SUSPENSE: "suspense",
}

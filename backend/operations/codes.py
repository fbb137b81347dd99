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
DRAWER_DROP: Final = 41
DRAWER_CLOSE: Final = 42
VAULT_RECEIVE: Final = 43
OVER_SHORT: Final = 44
OPENING: Final = 50
SUSPENSE: Final = 90

NAMES: Final = {
    TRANSFER: "transfer",
    SALE: "sale",
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
    SUSPENSE: "suspense",
}

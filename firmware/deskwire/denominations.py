"""The notes and coins of each currency that a drawer may hold: their faces in minor units, largest first.

Legal tender in circulation; a piece that a central bank withdraws leaves its line here, on terminal and backend alike.
One text, of which a device reads the line of its own currency.
"""

TABLE = """
AZN 50000 20000 10000 5000 2000 1000 500 100 50 20 10 5 3 1
KGS 500000 200000 100000 50000 20000 10000 5000 2000 1000 500 300 100 50
GEL 20000 10000 5000 2000 1000 500 200 100 50 20 10 5
IRR 1000000 500000 100000 50000 20000 10000 5000 2000 1000
USD 10000 5000 2000 1000 500 200 100 50 25 10 5 1
EUR 20000 10000 5000 2000 1000 500 200 100 50 20 10 5 2 1
"""

#: More pieces of one face than a drawer holds.
MAX_PIECES = 9999


def faces(currency: str) -> "tuple[int, ...]":
    """The faces of that currency's notes and coins in minor units, largest first; none for one we do not know."""
    start = TABLE.find("\n" + currency + " ")
    if start < 0 or len(currency) != 3:
        return ()
    line = TABLE[start + 5 : TABLE.find("\n", start + 1)]
    return tuple([int(face) for face in line.split(" ")])


def total_minor(pieces: "list[tuple[int, int]]") -> int:
    """The worth of (face, count) pairs."""
    total = 0
    for face, count in pieces:
        total += face * count
    return total

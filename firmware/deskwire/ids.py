"""Ids: 128 random bits written as 26 characters of Crockford's base32, made by whoever acts first."""

from deskwire.errors import WireError
from deskwire.text import consists_of

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 26


def make(random16: bytes) -> str:
    """The id of 16 random bytes. Randomness is the caller's port."""
    if len(random16) != 16:
        raise WireError("an id is made of 16 random bytes, not %d" % len(random16))
    number = int.from_bytes(random16, "big")
    characters = []
    for _ in range(LENGTH):
        characters.append(ALPHABET[number & 31])
        number >>= 5
    characters.reverse()
    return "".join(characters)


def short(identifier: str) -> str:
    """The form people read out: the last ten characters in two groups. Receipts are numbered by it."""
    return identifier[-10:-5] + "-" + identifier[-5:]


def is_id(text: object) -> bool:
    """Whether `text` is an id: 26 upper-case characters of the alphabet, of at most 128 bits."""
    return isinstance(text, str) and len(text) == LENGTH and text[0] in "01234567" and consists_of(text, ALPHABET)

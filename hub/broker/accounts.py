"""Who may connect to the broker and what each may do there: one list and one table of rules for every broker.

A terminal may only use its own prefix, a hub may read what terminals send and write what they read, an observer may
only read. Mosquitto's ACL file is written from `RULES`; the amqtt plugin asks `Accounts.allows`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

Role = Literal["terminal", "hub", "observer"]
Access = Literal["read", "write"]

#: role -> (access, topic filter); `%u` is the user's own name.
RULES: dict[Role, tuple[tuple[Access, str], ...]] = {
    "terminal": (
        ("write", "kassa/1/%u/ask"),
        ("write", "kassa/1/%u/tell"),
        ("write", "kassa/1/%u/state"),
        ("read", "kassa/1/%u/answer"),
        ("read", "kassa/1/%u/news"),
        ("read", "kassa/1/hub/+/state"),
    ),
    "hub": (
        ("read", "kassa/1/+/ask"),
        ("read", "kassa/1/+/tell"),
        ("read", "kassa/1/+/state"),
        ("read", "kassa/1/hub/+/state"),
        ("write", "kassa/1/+/answer"),
        ("write", "kassa/1/+/news"),
        ("write", "kassa/1/hub/%u/state"),
    ),
    "observer": (("read", "kassa/1/#"),),
}

#: A name goes into topics, an ACL file and a password file: nothing in it may mean something there.
USER_FORM = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{2,31}")
TERMINAL_FORM = re.compile(r"[A-Z0-9]{4,16}")
#: Passwords are made by machines. The hash has few rounds (below), so a short one would be within reach of guessing.
MIN_PASSWORD_LENGTH = 16
#: Mosquitto's own default. The passwords have 160 random bits: more rounds would only slow a thousand terminals that
#: come back at once.
HASH_ROUNDS = 101
#: One branch's broker; more terminals than this belong on a clustered one.
MAX_ACCOUNTS = 20_000


class AccountsError(ValueError):
    """An account list that cannot be used; the text says which entry and what to do."""


@dataclass(frozen=True, slots=True)
class Account:
    """One user of the broker. The password is never in a repr."""

    user: str
    role: Role
    password: str = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse names and passwords that could not be written or would be unsafe."""
        if self.role not in get_args(Role):
            raise AccountsError(f"account {self.user!r}: role {self.role!r} is not one of {', '.join(get_args(Role))}")
        form = TERMINAL_FORM if self.role == "terminal" else USER_FORM
        if not form.fullmatch(self.user):
            raise AccountsError(f"account {self.user!r}: the name of a {self.role} must match {form.pattern}")
        if len(self.password) < MIN_PASSWORD_LENGTH or not self.password.isascii() or not self.password.isprintable():
            raise AccountsError(
                f"account {self.user!r}: the password must be {MIN_PASSWORD_LENGTH} or more printable ASCII characters"
            )


def make_password() -> str:
    """A random password of 160 bits."""
    return secrets.token_urlsafe(20)


class Accounts:
    """The accounts of one broker, by user name."""

    def __init__(self, accounts: Iterable[Account] = ()) -> None:
        self._by_user: dict[str, Account] = {}
        for account in accounts:
            if account.user in self._by_user:
                raise AccountsError(f"account {account.user!r} stands twice in the list: remove one")
            if len(self._by_user) >= MAX_ACCOUNTS:
                raise AccountsError(f"more than {MAX_ACCOUNTS} accounts: use a clustered broker")
            self._by_user[account.user] = account

    @classmethod
    def make(
        cls, terminals: Iterable[str], *, hubs: Iterable[str] = ("H001",), observers: Iterable[str] = ()
    ) -> Accounts:
        """Accounts with fresh random passwords."""
        wanted: list[tuple[str, Role]] = [(name, "terminal") for name in terminals]
        wanted += [(name, "hub") for name in hubs]
        wanted += [(name, "observer") for name in observers]
        return cls(Account(name, role, make_password()) for name, role in wanted)

    @classmethod
    def from_file(cls, path: Path) -> Accounts:
        """Read what `to_file` wrote: a JSON list of {user, role, password}; without a password a fresh one is made."""
        try:
            entries = json.loads(path.read_text("utf-8"))
        except OSError as error:
            raise AccountsError(f"cannot read the account list {path}: {error.strerror}") from error
        except ValueError as error:
            raise AccountsError(f"{path} is not JSON: {error}") from error
        if not isinstance(entries, list):
            raise AccountsError(f"{path} must hold a JSON list of accounts")
        return cls(_entry(path, number, entry) for number, entry in enumerate(entries, 1))

    def to_file(self, path: Path) -> None:
        """Write the list with its passwords, readable by the owner only."""
        entries = [{"user": each.user, "role": each.role, "password": each.password} for each in self]
        write_private(path, json.dumps(entries, indent=1) + "\n")

    def __iter__(self) -> Iterator[Account]:
        return iter(self._by_user.values())

    def __len__(self) -> int:
        return len(self._by_user)

    def __contains__(self, user: object) -> bool:
        return user in self._by_user

    def __getitem__(self, user: str) -> Account:
        """The account of that name; AccountsError if there is none."""
        if user not in self._by_user:
            raise AccountsError(f"there is no broker account {user!r}")
        return self._by_user[user]

    def check(self, user: str | None, password: str | None) -> bool:
        """Is this the right password of a known user? Takes as long for an unknown one."""
        account = self._by_user.get(user or "")
        expected = account.password if account else "no such account"
        given = (password or "").encode("utf-8", "replace")
        return hmac.compare_digest(expected.encode(), given) and account is not None

    def allows(self, user: str | None, access: Access, topic: str) -> bool:
        """May this user read or write this topic? A filter is allowed if a rule covers all it could match."""
        account = self._by_user.get(user or "")
        if account is None:
            return False
        rules = RULES[account.role]
        return any(access == kind and covers(rule.replace("%u", account.user), topic) for kind, rule in rules)


def covers(rule: str, wanted: str) -> bool:
    """Does a rule's filter match everything that `wanted`, a topic or a filter, can match?"""
    if wanted.startswith("$share/"):
        wanted = wanted.split("/", 2)[2] if wanted.count("/") >= 2 else ""
    rule_levels, levels = rule.split("/"), wanted.split("/")
    for index, allowed in enumerate(rule_levels):
        if allowed == "#":
            return True
        if index >= len(levels) or levels[index] == "#" or (allowed != "+" and allowed != levels[index]):
            return False
    return len(rule_levels) == len(levels)


def mosquitto_hash(password: str, salt: bytes) -> str:
    """Mosquitto's password file form 7: PBKDF2-HMAC-SHA512, as `mosquitto_passwd` writes it."""
    derived = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, HASH_ROUNDS)
    return f"$7${HASH_ROUNDS}${base64.b64encode(salt).decode()}${base64.b64encode(derived).decode()}"


def write_private(path: Path, content: str | bytes) -> None:
    """Write a file that only its owner may read, whatever the umask and its earlier mode."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(content.encode() if isinstance(content, str) else content)


def _entry(path: Path, number: int, entry: object) -> Account:
    """One entry of an account list, checked."""
    if not isinstance(entry, dict) or not {"user", "role"} <= entry.keys() <= {"user", "role", "password"}:
        raise AccountsError(f"{path}: entry {number} must hold user, role and, if wanted, password, and nothing else")
    if not all(isinstance(value, str) for value in entry.values()):
        raise AccountsError(f"{path}: entry {number} holds something that is not text")
    return Account(entry["user"], entry["role"], entry.get("password") or make_password())

"""code.issue, code.prefer, customer.identify: a holder's one-time codes, from the phone to the counter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.operations import checks
from backend.operations.decision import Decision, answer, refuse
from backend.operations.entities import OneTimeCode
from deskwire.accounts import mask_name

if TYPE_CHECKING:
    from backend.operations.command import Command
    from backend.operations.keys import Keys
    from backend.operations.state import State

#: The minute that a wallet's codes are counted in.
MINUTE_S = 60


def needs_issue(command: Command, keys: Keys) -> None:
    """The holder's wallet (locked: codes are counted), its latest codes, and whether this one exists."""
    keys.locked_wallets.add(command.origin[2:])
    keys.recent_codes.add(command.origin[2:])
    keys.codes.add(command.body["hash"])


def decide_issue(state: State, command: Command) -> Decision:
    """Keep the hash of a new code, unless the wallet draws too many."""
    wallet = state.wallet(command.origin[2:])
    if wallet is None:
        return refuse("account_unknown")
    if wallet.status == "blocked":
        return refuse("account_blocked")
    issued, limit = state.codes_issued(wallet.number), state.policy.codes_a_minute
    if len(issued) >= limit and issued[limit - 1] > command.at - MINUTE_S:
        return refuse("code_too_often")
    if state.code(command.body["hash"]) is not None:
        return refuse("busy")._replace(is_kept=False)  # one in ten billion: the caller draws another
    expires_at = command.at + state.policy.code_ttl_s
    code = OneTimeCode(command.body["hash"], wallet.number, command.at, expires_at, 0, "", "", "")
    return answer({"expires_at": expires_at}, code)


def needs_prefer(command: Command, keys: Keys) -> None:
    """The holder's wallet."""
    keys.locked_wallets.add(command.origin[2:])


def decide_prefer(state: State, command: Command) -> Decision:
    """Keep what the holder prefers to authorise with."""
    wallet = state.wallet(command.origin[2:])
    if wallet is None:
        return refuse("account_unknown")
    chosen = command.body["authorise_by"]
    return answer({"authorise_by": chosen}, wallet._replace(authorise_by=chosen))


def needs_identify(command: Command, keys: Keys) -> None:
    """The operator, and the code; its wallet comes with it."""
    checks.needs_operator(command, keys)
    keys.codes.add(command.body["code"])


def decide_identify(state: State, command: Command) -> Decision:
    """Whose code it is. The code is used up by being looked at, whatever follows."""
    if refused := checks.signed_on(state, command):
        return refused
    code = state.code(command.body["code"])
    wallet = state.wallet(code.wallet) if code is not None else None
    if code is None or wallet is None:
        return refuse("code_unknown")
    if code.used_at:
        return refuse("code_used")
    if code.expires_at <= command.at:
        return refuse("code_expired")
    used = code._replace(used_at=command.at, used_by=command.id, terminal=command.terminal)
    said = {"account": wallet.number, "holder": mask_name(wallet.holder), "authorise_by": wallet.authorise_by}
    return answer(said, used)

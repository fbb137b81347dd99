"""`kassa backend serve` with holds that run out in seconds: what a story waits for, a person is given three minutes.

Run as `python -m simulators.run.short_times HOLD_TTL_S`. It changes the backend's policy in this process alone, through
the one place where the process is composed; everything else is the shipped command.
"""

from __future__ import annotations

import functools
import sys


def main(hold_ttl_s: int) -> None:
    """Serve with holds of that many seconds."""
    from backend import cli, composition  # noqa: PLC0415  (heavy)
    from backend.operations.entities import Policy  # noqa: PLC0415

    composition.Policy = functools.partial(Policy, hold_ttl_s=hold_ttl_s)  # type: ignore[attr-defined, assignment]
    cli.app(["serve"])


if __name__ == "__main__":
    main(int(sys.argv[1]))

"""Whether the backend would answer, from what calls, probes and the outbox stream saw."""

from __future__ import annotations

#: outcome -> what an operator should do about it
WHAT_TO_DO = {
    "unreachable": "start the backend, or check KASSA_HUB_BACKEND_URL, KASSA_HUB_BACKEND_CA and the network",
    "busy": "the backend cannot reach its database, or is overloaded",
    "unauthorized": "the backend refuses this hub's credential: check KASSA_HUB_ID and KASSA_HUB_CREDENTIAL",
    "timeout": "the backend does not answer in time: look at its load and its database",
    "garbage": "what answers at KASSA_HUB_BACKEND_URL is not a Kassa backend of this version",
    "server_error": "the backend fails on a request: look at its log",
}

#: outcomes of a call that say at once that nobody would answer; the others are left to the probe, a second later
DECISIVE = ("unreachable", "unauthorized")


class BackendState:
    """Up is: reachable, and our credential accepted."""

    def __init__(self) -> None:
        self._reachable = False
        self._refused = False
        self.outcome = ""

    @property
    def up(self) -> bool:
        """Whether the backend would answer."""
        return self._reachable and not self._refused

    def probed(self, outcome: str) -> bool:
        """A health probe's outcome. Returns whether there is something to say."""
        was = self.up
        self._reachable = outcome in ("", "unauthorized")
        self._refused = self._refused or outcome == "unauthorized"
        return self._note(was, outcome)

    def served(self) -> bool:
        """A call passed, so the credential is good. Returns whether there is something to say."""
        was = self.up
        self._reachable, self._refused = True, False
        return self._note(was, "")

    def failed(self, outcome: str) -> bool:
        """A call failed. Returns whether there is something to say."""
        was = self.up
        if outcome not in DECISIVE:
            return False
        self._reachable = outcome == "unauthorized"
        self._refused = self._refused or outcome == "unauthorized"
        return self._note(was, outcome)

    def _note(self, was: bool, outcome: str) -> bool:  # noqa: FBT001  (a private pair of facts)
        before, self.outcome = self.outcome, "" if self.up else outcome or self.outcome
        return was != self.up or before != self.outcome

"""Who could answer now: the broker's link, the hub's retained state, and what the hub says of the backend."""

import json

#: After a connect the hub's retained state follows within a round trip; after this long there is no hub.
HUB_WAIT_MS = 1_500


class Presence:
    """The link as the desk knows it: one of desk.views.LINKS. These are hints for people, signed by nobody."""

    def __init__(self, on_change):
        self.link = "no_broker"
        self._on_change = on_change
        self._broker_up_ms = -1
        self._hub = None

    def is_online(self):
        """Whether an ask has a way to the backend."""
        return self.link == "online"

    def broker(self, up, now_ms):
        """The link to the broker stands, or does not."""
        self._broker_up_ms = now_ms if up else -1
        if up:
            self._judge()  # the retained state may have come before the subscriptions stood
        else:
            self._hub = None
            self._become("no_broker")

    def hub(self, payload):
        """The hub's state came: up or not, with or without a backend."""
        try:
            state = json.loads(payload)
            self._hub = (state["up"] is True, state.get("backend") is True)
        except (ValueError, KeyError, TypeError, AttributeError):
            self._hub = (False, False)
        self._judge()

    def _judge(self):
        """With a broker and a hub's word, the link is known."""
        if self._broker_up_ms >= 0 and self._hub is not None:
            up, backend = self._hub
            self._become("online" if up and backend else "no_backend" if up else "no_hub")

    def tick(self, now_ms):
        """A hub that has not been heard of after a while is not there."""
        if self._broker_up_ms >= 0 and self._hub is None and now_ms - self._broker_up_ms >= HUB_WAIT_MS:
            self._become("no_hub")

    def _become(self, link):
        """Say so when it changed."""
        if link != self.link:
            self.link = link
            self._on_change(link)

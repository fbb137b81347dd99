"""News: believed only when signed under this session's key, numbered higher than all before, and for this terminal."""


class News:
    """The reader's side of the news: the session's key, and the highest number read, which survives restarts."""

    def __init__(self, signer, store, clock):
        self._signer = signer
        self._store = store
        self._clock = clock
        self._ksn = b""
        self._key = None

    def open_session(self, ksn, key):
        """Hello was answered: from now on news is signed under the KSN of that hello."""
        self._ksn = ksn
        self._key = key

    def _key_for(self, parts):
        """The session's key, for what is signed under the session's KSN."""
        return self._key if parts.ksn == self._ksn else None

    def read(self, jws):
        """(message, late) of news not read before, or None for what was; WireError for what may not be believed.

        `late` is True when it arrived after its expiry, by a clock that is set.
        """
        news = self._signer.open(jws, self._key_for)
        if news["kind"] != "news" or news["number"] <= self._store.news_seen:
            return None
        return news, self._clock.is_set() and self._clock.epoch_s() > news["expires_at"]

    def seen(self, number):
        """Remember on the flash that everything up to `number` was read."""
        self._store.save(news_seen=number)

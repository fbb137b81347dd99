"""What the terminal remembers besides keys and tells: the recorded operations and how far it has read the news."""

import json

from shell import files


class Store:
    """One small file, replaced whole at each change. A file that cannot be read is reported by `lost`."""

    def __init__(self, path):
        self._path = path
        self.rows = []
        self.news_seen = 0
        self.config_version = 0
        self.lost = False
        files.remove(path + ".new")
        if files.exists(path):
            with open(path, "rb") as file:
                data = files.unchecked(file.read())
            self.lost = data is None
            if data is not None:
                known = json.loads(data)
                self.rows = known["rows"]
                self.news_seen = known["news_seen"]
                self.config_version = known["config_version"]

    def save(self, rows=None, news_seen=None, config_version=None):
        """Change what is given and write everything; OSError if that failed."""
        if rows is not None:
            self.rows = rows
        if news_seen is not None:
            self.news_seen = news_seen
        if config_version is not None:
            self.config_version = config_version
        known = {"rows": self.rows, "news_seen": self.news_seen, "config_version": self.config_version}
        files.replace(self._path, (files.checked(json.dumps(known).encode()),))

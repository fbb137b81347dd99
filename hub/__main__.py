"""`python -m hub`: the same as `kassa hub`, without the rest of the command line."""

from hub.cli import app

if __name__ == "__main__":
    app(prog_name="kassa hub")

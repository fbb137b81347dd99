"""The command line: one entry, each subcommand loaded when it is called."""

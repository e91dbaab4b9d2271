"""What the subcommands of `filodiretto` do, one module each; `gateway.cli` only parses."""

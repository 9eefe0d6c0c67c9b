"""The subcommands of `evce`, one module each."""

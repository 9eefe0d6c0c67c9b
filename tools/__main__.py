"""`python -m tools`: the same as the command `evce`."""

from tools.cli import main

main()

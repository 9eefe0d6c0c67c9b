"""Runs the benchmarks from a checkout, `python tools/bench.py`: the same as `evce bench`."""

import sys
from pathlib import Path

__all__ = ["main"]


def main() -> None:
    """Find the packages beside this folder, whatever is installed, and measure."""
    # The folder of this script would let the modules beside it hide those of the standard library.
    sys.path[0] = str(Path(__file__).resolve().parent.parent)
    from tools.commands.bench import bench

    bench(prog_name="bench.py")


if __name__ == "__main__":
    main()

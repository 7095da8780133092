"""`python -m tests.performance [web|desk|score] [--full]`: measure, and say which targets are met."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module

PARTS = ("web", "desk", "score")


def main() -> int:
    """Measure the parts that were asked for, by default all."""
    parser = argparse.ArgumentParser(prog="python -m tests.performance", description=__doc__)
    parser.add_argument("part", nargs="*", choices=[*PARTS, []], help="what to measure (default: all)")
    parser.add_argument("--full", action="store_true", help="longer rounds, bigger tables")
    given = parser.parse_args()
    results = {part: import_module(f"tests.performance.{part}").main(given.full) for part in given.part or PARTS}
    missed = [part for part, good in results.items() if not good]
    print(f"\nTargets missed in: {', '.join(missed)}" if missed else "\nAll targets met.")
    return 0


if __name__ == "__main__":
    sys.exit(main())

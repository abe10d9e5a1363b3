"""`python -m brygga.simulate`: run schedules on a database of its own. `brygga simulate` starts this."""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence

_GARBAGE = 100_000
"""Objects made before the collector looks for cycles: there are few, and there is much to look through."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the schedules; the exit status is 0 if all promises were kept, 3 if not."""
    options = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="brygga-simulate-") as home:
        # Whatever a server here uses stays untouched: the simulator has its own data directory and database.
        for name in [name for name in os.environ if name.startswith("BRYGGA_") or name == "DATABASE_URL"]:
            del os.environ[name]
        os.environ |= {"BRYGGA_HOME": home, "DJANGO_SETTINGS_MODULE": "brygga.site.settings"}
        import django

        django.setup()
        return _simulate(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="brygga simulate", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="the seed of the first schedule")
    parser.add_argument("--schedules", type=int, default=500, help="how many schedules, one seed after the other")
    parser.add_argument("--first", action="store_true", help="stop at the first schedule that fails")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    return parser


def _simulate(options: argparse.Namespace) -> int:
    from brygga.simulate.running import search, shortened

    _quiet()
    gc.set_threshold(_GARBAGE)
    started, failures = time.monotonic(), []
    for failure in search(range(options.seed, options.seed + options.schedules), _progress(options)):
        shortest = shortened(failure)
        failures.append(shortest)
        if not options.json:
            print(f"seed {shortest.schedule.seed}: {'; '.join(shortest.broken)}\n{shortest.schedule}\n", flush=True)
        if options.first:
            break
    if options.json:
        found = [{"seed": f.schedule.seed, "broken": f.broken, "schedule": str(f.schedule)} for f in failures]
        print(json.dumps({"schedules": options.schedules, "first_seed": options.seed, "failures": found}))
    else:
        seconds = time.monotonic() - started
        print(f"{options.schedules} schedules from seed {options.seed}: {len(failures)} failed ({seconds:.0f} s)")
    return 3 if failures else 0


def _progress(options: argparse.Namespace) -> Callable[[int], None]:
    if options.json or not sys.stderr.isatty():
        return lambda seed: None
    return lambda seed: print(f"\r{seed - options.seed + 1} of {options.schedules}", end="", file=sys.stderr)


def _quiet() -> None:
    """Failures of ERPs are what this is about; the log would tell of each."""
    import logging

    logging.disable(logging.CRITICAL)


if __name__ == "__main__":
    sys.exit(main())

"""The simulator: 500 schedules keep the promises, and a broken engine is found out (docs/promises.md)."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from brygga.simulate.schedule import make

SCHEDULES = 125


@pytest.mark.parametrize("part", range(4))
def test_500_schedules_keep_every_promise(part):
    """In four parts, so that they can run side by side."""
    command = ["simulate", "--seed", str(1 + part * SCHEDULES), "--schedules", str(SCHEDULES), "--json"]
    run = subprocess.run([sys.executable, "-m", "brygga", *command], capture_output=True, text=True, timeout=600)

    assert json.loads(run.stdout) == {"schedules": SCHEDULES, "first_seed": 1 + part * SCHEDULES, "failures": []}
    assert run.returncode == 0


@pytest.mark.parametrize(
    ("seed", "defect", "promise"),
    [
        pytest.param(1, "run.reconcile = lambda *_, fresh=True: None", "I2", id="polled and not merged"),
        pytest.param(17, "run.settle_intents = creating.found_again = lambda *_: None", "I3", id="intents forgotten"),
        pytest.param(41, "run.sending.remember_lost = lambda connection: None", "I5", id="what was sent forgotten"),
    ],
)
def test_a_broken_engine_is_found_out(seed, defect, promise):
    """The seeds are those that find the defects soon; should schedules change, later ones find them."""
    program = (
        "import sys; from brygga.simulate import __main__ as simulate\n"
        "before = simulate._simulate\n"
        "def broken(options):\n"
        "    from brygga.erp.engine import creating, reconcile, run\n"
        f"    {defect}\n"
        "    return before(options)\n"
        "simulate._simulate = broken\n"
        f"sys.exit(simulate.main(['--seed', '{seed}', '--schedules', '300', '--json', '--first']))\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=300)

    assert run.returncode == 3, run.stderr
    (failure,) = json.loads(run.stdout)["failures"]
    assert any(broken.startswith(promise) for broken in failure["broken"]), failure


def test_a_seed_is_a_schedule():
    assert make(17) == make(17)
    assert make(17) != make(18)
    assert str(make(17)).splitlines()[1].strip().startswith("1.")

"""`brygga serve` as a process: it starts on a fresh directory, answers, and stops cleanly when told to."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest


@pytest.mark.parametrize(("extra", "end"), [([], signal.SIGTERM), (["--no-engine"], signal.SIGINT)])
def test_it_serves_until_it_is_told_to_stop(home: Path, extra: list[str], end: signal.Signals) -> None:
    kept = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    with subprocess.Popen(
        [sys.executable, "-m", "brygga", "serve", "--port", "0", *extra],
        env=kept | {"BRYGGA_HOME": str(home)},
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        try:
            assert server.stdout is not None
            said = re.search(r"http://127\.0\.0\.1:[1-9]\d*/", server.stdout.readline())
            assert said is not None
            with urllib.request.urlopen(f"{said[0]}healthz", timeout=10) as answer:
                assert answer.status == 200
            server.send_signal(end)
            assert server.wait(timeout=20) == 0
        finally:
            server.kill()

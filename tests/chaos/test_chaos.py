"""The short form of `make chaos`, in every run of the tests."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from socialops.networks.registry import networks

ROOT = Path(__file__).parents[2]


def test_a_short_storm_loses_nothing_and_publishes_nothing_twice(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.chaos.storm", "--deliveries", "180", "--minutes", "0.4", "--seed", "7"]
    done = subprocess.run([*command, "--folder", str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    report = json.loads(done.stdout.splitlines()[-1])
    assert report["kept"], done.stdout
    assert done.returncode == 0
    assert report["deliveries"] == 180
    assert set(report["networks"]) == set(networks())
    assert sum(report["kills"].values()) >= 3

"""What the operating system says of a process."""

from __future__ import annotations

import subprocess
import sys

from socialops.embedded.processes import PROC, birth

LEADERLESS = """
import ctypes, sys, threading
threading.Thread(target=sys.stdin.read).start()
print("ready", flush=True)
ctypes.CDLL(None).pthread_exit(None)
"""


def test_a_process_whose_leader_has_ended_lives_while_a_thread_does() -> None:
    """So it is for a moment after kill -9: its ports are still taken."""
    with subprocess.Popen(
        [sys.executable, "-c", LEADERLESS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "ready\n"
        while " Z " not in (stat := (PROC / str(process.pid) / "stat").read_text()):
            assert stat
        assert birth(process.pid)
        process.kill()
        process.stdin.close()
        process.wait()
    assert birth(process.pid) == ""

"""What the system knows of a process. From /proc on Linux, where a minimal machine has no `ps`; else from `ps`."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

PROC = Path("/proc")
HAS_PROC = (PROC / "self" / "stat").is_file()


def command_line(pid: int) -> str:
    """The command with its arguments; empty when there is no such process (or it has ended and awaits its parent)."""
    if not HAS_PROC:
        return _ps("-ww", "-o", "command=", "-p", str(pid))
    try:
        return (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""


def birth(pid: int) -> str:
    """A mark of when the process was started, so that a reused pid is told apart; empty when there is none alive."""
    if not HAS_PROC:
        state, _, started = _ps("-o", "stat=,lstart=", "-p", str(pid)).partition(" ")
        return "" if state.startswith("Z") else started.strip()
    fields = _stat(pid)
    boot = (PROC / "sys" / "kernel" / "random" / "boot_id").read_text().strip()
    # a killed process is a zombie while its threads still end, and until then its ports are taken
    gone = not fields or (fields[0] == "Z" and int(fields[17]) <= 1)
    return "" if gone else f"{boot} {fields[19]}"


def family(root: int) -> list[int]:
    """The process and all that descend from it."""
    if HAS_PROC:
        pids = [int(path.name) for path in PROC.iterdir() if path.name.isdigit()]
        parents = {pid: int(fields[1]) for pid in pids if (fields := _stat(pid))}
    else:
        rows = (line.split() for line in _ps("-A", "-o", "pid=,ppid=").splitlines())
        parents = {int(pid): int(parent) for pid, parent in rows}
    found = [root]
    for member in found:
        found += [pid for pid, parent in parents.items() if parent == member and pid not in found]
    return found


def memory(pid: int) -> tuple[int, int]:
    """(resident, proportional) kilobytes; shared pages count once in the second, which only Linux tells."""
    try:
        said = (PROC / str(pid) / "smaps_rollup").read_text()
    except OSError:
        resident = int(_ps("-o", "rss=", "-p", str(pid)) or 0) if not HAS_PROC else 0
        return resident, resident
    rss, pss = (re.search(rf"^{name}:\s+(\d+)", said, re.MULTILINE) for name in ("Rss", "Pss"))
    return (int(rss.group(1)) if rss else 0, int(pss.group(1)) if pss else 0)


def _stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat from the third (state) on: the second, a name, may hold anything."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _ps(*arguments: str) -> str:
    environment = {**os.environ, "LC_ALL": "C", "TZ": "UTC"}
    listed = subprocess.run(["ps", *arguments], capture_output=True, text=True, check=False, env=environment)  # noqa: S603, S607 -- fixed arguments; ps is where the system has it
    return listed.stdout.strip()

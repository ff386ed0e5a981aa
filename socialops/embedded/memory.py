"""How much memory a running demo takes, by process."""

from __future__ import annotations

from pathlib import Path

from socialops.embedded import postgres, valkey
from socialops.embedded.datadir import read_state
from socialops.embedded.processes import family, memory
from socialops.embedded.terminal import say

NOT_COUNTED = {"postgres", "sandbox"}  # the promise is about the rest


def report(data_dir: Path) -> int:
    """Prints RSS and PSS (shared pages divided among their users) of each process tree, in MB; 1 when none runs."""
    roots: dict[str, int] = {name: pid for name, (pid, _) in read_state(data_dir / "processes.json").items()}
    if not roots:
        say(f"No demo runs in {data_dir}.")
        return 1
    supervisor = read_state(data_dir / "demo.json").get("pid")
    servers = {"valkey": valkey.process(data_dir), "postgres": postgres.process(data_dir)}
    roots |= {name: pid for name, pid in servers.items() if pid}
    rows: list[tuple[str, int, int, int]] = []
    for name, root in roots.items():
        members = [memory(pid) for pid in family(root)]
        rows.append((name, len(members), sum(m[0] for m in members), sum(m[1] for m in members)))
    if supervisor:
        rows.append(("supervisor", 1, *memory(supervisor)))
    say(f"{'':<22}{'processes':>10}{'RSS MB':>10}{'PSS MB':>10}")
    for name, count, rss, pss in rows:
        say(f"{name:<22}{count:>10}{rss / 1024:>10.0f}{pss / 1024:>10.0f}")
    counted = [row for row in rows if row[0] not in NOT_COUNTED]
    resident, proportional = sum(row[2] for row in counted) / 1024, sum(row[3] for row in counted) / 1024
    say(f"{'without ' + ', '.join(sorted(NOT_COUNTED)):<32}{resident:>10.0f}{proportional:>10.0f}")
    return 0

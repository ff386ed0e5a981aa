"""The walls of the house."""

from __future__ import annotations

import ast
import calendar
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("socialops", "teams", "calendar", "reputation", "kpis")
MAX_LINES, MAX_FUNCTION = 400, 60

SYSTEM_CALLERS: dict[str, str] = {
    "calendar/publishing/services/claims.py": "one dispatcher claims what is due, whoever owns it",
    "calendar/publishing/services/dispatch.py": "what a broken broker did not take is given back",
    "calendar/publishing/services/recovery.py": "lost leases and missed posts are found in one look",
    "calendar/publishing/services/forecasts.py": "one sweep finds who plans something within a day",
    "calendar/publishing/selectors/usage.py": "a quota of our app is shared by every organization that uses it",
    "calendar/publishing/services/token_health.py": "one sweep finds the tokens that end soon",
    "kpis/services/pulls.py": "one sweep finds the channels whose figures are due",
    "reputation/services/replies.py": "one sweep finds the answers whose message was lost",
    "reputation/services/retention.py": "one sweep finds what a network lets be kept no longer",
    "reputation/services/pulls.py": "one sweep finds whose mentions are due, in every organization",
    "calendar/editorial/tasks.py": "one sweep finds the organizations whose posts were not approved in time",
    "teams/selectors/organizations.py": "the organizations a person may choose from",
    "teams/selectors/channels.py": "one person's consent may cover channels of several organizations",
    "teams/services/secrets.py": "a new encryption key is everybody's",
    "teams/services/limits.py": "one sweep finds the channels whose server's limits are due",
    "teams/selectors/apps.py": "a webhook delivery names no organization: its signature tells whose app it is for",
    "teams/services/apps.py": "one sweep forgets the apps that were removed a day ago",
    "teams/services/webhooks.py": "a network names an account, which may be a channel of any organization",
    "teams/tasks.py": "one sweep finds whose rights the clock changed, in every organization",
    "socialops/notifications/services.py": "one sweep sends every organization's due mails",
}


def _sources() -> Iterator[Path]:
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            if "migrations" not in path.parts and "node_modules" not in path.parts:
                yield path


def test_the_calendar_folder_does_not_shadow_the_standard_library() -> None:
    assert calendar.monthrange(2026, 2) == (6, 28)
    assert not (ROOT / "calendar" / "__init__.py").exists()


def test_imports_keep_to_the_layers() -> None:
    result = subprocess.run(
        [Path(sys.executable).parent / "lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout


def test_modules_and_functions_stay_small() -> None:
    too_long = []
    for path in _sources():
        text = path.read_text()
        name = str(path.relative_to(ROOT))
        if text.count("\n") > MAX_LINES:
            too_long.append(f"{name}: {text.count(chr(10))} lines")
        too_long += [
            f"{name}:{node.lineno} {node.name}: {node.end_lineno - node.lineno + 1} lines"
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and (node.end_lineno or 0) - node.lineno + 1 > MAX_FUNCTION
        ]
    assert too_long == []


def test_no_junk_drawers() -> None:
    assert [str(p) for p in _sources() if p.stem in {"utils", "helpers", "misc", "common"}] == []


def test_only_listed_modules_reach_across_organizations() -> None:
    callers = set()
    for path in _sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "system":
                callers.add(str(path.relative_to(ROOT)))
    assert callers == set(SYSTEM_CALLERS)


def test_tasks_are_enqueued_after_commit_only() -> None:
    early = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in _sources()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"delay", "apply_async"} and "bench" not in path.parts
    ]
    assert early == []

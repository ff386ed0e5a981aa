"""Brings database, translations, static files and demo data up to date, in one Django process."""

from __future__ import annotations

import hashlib
import io
import sys
from pathlib import Path

from socialops.embedded.datadir import PROJECT, write_private

APPS = ("socialops", "teams", "calendar", "reputation", "kpis")


def fingerprint() -> str:
    """Changes when anything changes that `main` works from: migrations, catalogues, static files, packages."""
    digest = hashlib.sha256()
    sources = [PROJECT / "uv.lock", *(PROJECT / "locale").rglob("*.po")]
    for app in APPS:
        sources += [path for pattern in ("migrations/*.py", "static/**/*") for path in (PROJECT / app).rglob(pattern)]
    for path in sorted(set(sources)):
        if path.is_file() and "node_modules" not in path.parts:
            digest.update(f"{path.relative_to(PROJECT)}\0{path.stat().st_size}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def main(home: Path) -> None:
    """Runs the management commands. `home` keeps what was done: it lives and dies with the database."""
    import django  # noqa: PLC0415 -- `fingerprint` must not wait for Django
    from django.core.management import call_command  # noqa: PLC0415 -- as above

    wanted = fingerprint()  # before the work: a change during it is seen next time
    django.setup()
    call_command("compile_translations", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("migrate", interactive=False, verbosity=0)
    if not (home / "demo-loaded").exists():
        call_command("load_demo")
        accounts = io.StringIO()
        call_command("load_demo", accounts=True, stdout=accounts)
        write_private(home / "accounts", accounts.getvalue())
        write_private(home / "demo-loaded", "")
    write_private(home / "prepared", wanted)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

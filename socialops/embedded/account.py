"""Who runs PostgreSQL. It refuses to run as root, so root hands it to `nobody`, and never loosens a folder for that."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from socialops.embedded.errors import EmbeddedError

SAFE_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "HOME": "/"}


@dataclass(frozen=True)
class Account:
    """A system account; `switch` is true when we must become it first."""

    name: str
    uid: int
    gid: int
    switch: bool

    def run(self, command: Sequence[str | Path], *, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Runs the command as this account, output captured, in a session of its own (a Ctrl-C doesn't reach it)."""
        try:
            return subprocess.run(  # noqa: S603 -- our own binaries
                [str(part) for part in command],
                input=stdin,
                capture_output=True,
                text=True,
                check=False,
                cwd="/",
                env=SAFE_ENVIRONMENT,
                start_new_session=True,
                user=self.uid if self.switch else None,
                group=self.gid if self.switch else None,
                extra_groups=[] if self.switch else None,
            )
        except PermissionError as error:
            if not self.switch or os.access(command[0], os.X_OK):
                message = (
                    f"PostgreSQL can't run as root, and this root may not become '{self.name}' ({error.strerror}): "
                    "run the command as an ordinary user."
                )
                raise EmbeddedError(message) from error
            raise

    def can_enter(self, folder: Path) -> bool:
        """True when the account reaches the folder through all of its parents."""
        return not self.switch or self.run(["/bin/sh", "-c", 'cd "$0"', folder]).returncode == 0

    def can_run(self, program: Path) -> bool:
        """True when the account can read and start the program."""
        if not self.switch:
            return True
        return self.run(["/bin/sh", "-c", '"$0" --version', program]).returncode == 0

    def make_folder(self, folder: Path) -> None:
        """Makes a folder that only this account (and root) enters."""
        folder.mkdir(mode=0o700, exist_ok=True)
        self.own(folder)

    def own(self, path: Path) -> None:
        if self.switch:
            os.chown(path, self.uid, self.gid)

    def make_temporary_folder(self, parents: Sequence[Path]) -> Path:
        """A private folder with an unguessable name in the first usable parent.

        Raises EmbeddedError when there is none.
        """
        for parent in parents:
            if not parent.is_dir() or not self.can_enter(parent):
                continue
            try:
                folder = Path(tempfile.mkdtemp(prefix="socialops-", dir=parent))
            except OSError:
                continue
            self.own(folder)
            return folder
        names = " or ".join(str(parent) for parent in parents)
        raise EmbeddedError(
            f"No folder can be made in {names}: free some space there or make it writable, and try again."
        )


def server_account() -> Account:
    """The account that runs PostgreSQL: ourselves, or `nobody` when we are root."""
    uid = os.geteuid()
    if uid != 0:
        try:
            name = pwd.getpwuid(uid).pw_name
        except KeyError as error:
            message = f"User id {uid} has no name in /etc/passwd, and PostgreSQL needs one: run as a user that has one."
            raise EmbeddedError(message) from error
        return Account(name=name, uid=uid, gid=os.getegid(), switch=False)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError as error:
        message = "PostgreSQL can't run as root and there is no user 'nobody': run the command as an ordinary user."
        raise EmbeddedError(message) from error
    return Account(name="nobody", uid=nobody.pw_uid, gid=nobody.pw_gid, switch=True)


def remove_tree(folder: Path) -> None:
    """Removes a folder that may be half there."""
    if folder.exists():
        shutil.rmtree(folder)

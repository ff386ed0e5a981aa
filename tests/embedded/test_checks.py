from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from socialops.embedded import checks
from socialops.embedded.datadir import PROJECT, exclusive, hold, make_data_dir
from socialops.embedded.errors import EmbeddedError
from tests.sandbox_server import free_ports


def demo(data_dir: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    everything = {**os.environ, "SOCIALOPS_DATA_DIR": str(data_dir), **environment}
    command = [sys.executable, "-m", "socialops.embedded", "demo"]
    return subprocess.run(command, cwd=PROJECT, env=everything, text=True, capture_output=True, timeout=30, check=False)


def test_a_busy_port_ends_the_demo_with_one_sentence(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        result = demo(tmp_path, PORT=str(port), SANDBOX_PORT=str(free_ports()))

    assert result.returncode == 1
    assert result.stderr.startswith(f"socialops: Port {port} is taken by another program: end that one, or run `PORT=")
    assert result.stderr.count("\n") == 1


def test_all_of_the_sandbox_ports_are_checked(monkeypatch: pytest.MonkeyPatch):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        monkeypatch.setenv("SANDBOX_PORT", str(port - 3))
        with pytest.raises(EmbeddedError, match=rf"SANDBOX_PORT=\d+ make demo|Port {port} is taken"):
            checks.port_setting("SANDBOX_PORT", 8100, count=4)


@pytest.mark.parametrize("given", ["web", "0", "70000", "-1"])
def test_a_port_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch, given: str):
    monkeypatch.setenv("PORT", given)

    with pytest.raises(EmbeddedError, match=f"PORT={given} is not a port"):
        checks.port_setting("PORT", 8000)


def test_a_second_demo_on_the_same_folder_is_sent_to_the_first(tmp_path: Path):
    descriptor = hold(tmp_path / "demo.lock")
    assert descriptor is not None
    (tmp_path / "demo.json").write_text('{"pid": 4711, "url": "http://127.0.0.1:8000"}')

    result = demo(tmp_path)

    os.close(descriptor)
    assert result.returncode == 1
    assert "already runs" in result.stderr
    assert "process 4711, http://127.0.0.1:8000" in result.stderr


def test_a_nearly_full_disk_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=120_000_000))

    with pytest.raises(EmbeddedError, match="Only 120 MB are free"):
        checks.require_space(tmp_path)


def test_a_data_folder_that_can_not_be_made_is_said(tmp_path: Path):
    (tmp_path / "file").write_text("")

    result = demo(tmp_path / "file" / "demo")

    assert result.returncode == 1
    assert "can't be made" in result.stderr
    assert "set SOCIALOPS_DATA_DIR" in result.stderr


def test_an_existing_folder_keeps_its_permissions(tmp_path: Path):
    tmp_path.chmod(0o750)

    make_data_dir(tmp_path)

    assert tmp_path.stat().st_mode & 0o777 == 0o750


def test_a_lock_dies_with_its_holder(tmp_path: Path):
    code = "import sys, os, signal; from pathlib import Path; from socialops.embedded.datadir import hold; "
    code += "hold(Path(sys.argv[1])); os.kill(os.getpid(), signal.SIGKILL)"
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "lock")], cwd=PROJECT, check=False)

    with exclusive(tmp_path / "lock"):
        assert hold(tmp_path / "lock") is None

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from socialops.embedded import node
from socialops.embedded.errors import EmbeddedError

LOCK = {
    "name": "front",
    "version": "1.0.0",
    "lockfileVersion": 3,
    "requires": True,
    "packages": {"": {"name": "front"}},
}


@pytest.fixture
def front_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder, output = tmp_path / "frontend", tmp_path / "dist"
    folder.mkdir()
    script = "node -e \"const fs=require('fs');fs.mkdirSync('../dist',{recursive:true});fs.copyFileSync('a.ts','../dist/a.js')\""
    (folder / "package.json").write_text(
        json.dumps({"name": "front", "version": "1.0.0", "scripts": {"build": script}})
    )
    (folder / "package-lock.json").write_text(json.dumps(LOCK))
    (folder / "a.ts").write_text("1")
    monkeypatch.setattr(node, "FRONTEND", folder)
    monkeypatch.setattr(node, "OUTPUT", output)
    return folder


def test_the_node_from_pypi_runs_where_the_system_has_none(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", "/nowhere")

    said = subprocess.run([*node.npm_command(), "--version"], capture_output=True, text=True, check=True)

    assert int(said.stdout.partition(".")[0]) >= 10


def test_it_is_built_once_and_again_when_a_file_changes(front_end: Path):
    assert node.build_if_stale()
    assert (node.OUTPUT / "a.js").read_text() == "1"
    assert not node.build_if_stale()

    (front_end / "a.ts").write_text("2")

    assert node.build_if_stale()
    assert (node.OUTPUT / "a.js").read_text() == "2"


def test_a_failing_build_is_said_and_tried_again(front_end: Path, capsys: pytest.CaptureFixture[str]):
    (front_end / "a.ts").unlink()

    with pytest.raises(EmbeddedError, match="could not be built"):
        node.build_if_stale()

    assert "ENOENT" in capsys.readouterr().err
    (front_end / "a.ts").write_text("3")
    assert node.build_if_stale()

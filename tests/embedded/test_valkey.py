from __future__ import annotations

import os
import signal
import socket
import time
from pathlib import Path

import pytest
import redis
from kombu import Connection

from socialops.embedded import valkey
from socialops.embedded.datadir import read_state


def kill(data_dir: Path) -> None:
    pid = valkey.process(data_dir)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    while valkey.process(data_dir) is not None:
        time.sleep(0.01)


def test_celery_and_the_cache_speak_to_it(data_dir: Path):
    url = valkey.ensure_running(data_dir)

    with redis.Redis.from_url(url) as client:
        assert client.ping()
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "volatile-lru"}
    with Connection(url) as connection:
        queue = connection.SimpleQueue("posts")
        queue.put({"delivery": "1"})
        assert queue.get(timeout=5).payload == {"delivery": "1"}
        queue.close()


def test_a_stranger_needs_the_password(data_dir: Path):
    url = valkey.ensure_running(data_dir)

    stranger = redis.Redis(host="127.0.0.1", port=int(url.rpartition(":")[2].partition("/")[0]))

    with pytest.raises(redis.exceptions.AuthenticationError):
        stranger.ping()
    stranger.close()


def test_a_killed_one_comes_back_under_the_same_url(data_dir: Path):
    url = valkey.ensure_running(data_dir)
    kill(data_dir)

    assert valkey.ensure_running(data_dir) == url


def test_a_stranger_on_its_port_makes_it_move(data_dir: Path):
    url = valkey.ensure_running(data_dir)
    port = read_state(data_dir / "valkey.json")["port"]
    kill(data_dir)

    with socket.create_server(("127.0.0.1", port)):
        moved = valkey.ensure_running(data_dir)

    assert moved != url
    with redis.Redis.from_url(moved) as client:
        assert client.ping()


def test_stopping_ends_it_and_attaching_is_fast(data_dir: Path):
    url = valkey.ensure_running(data_dir)
    began = time.perf_counter()
    assert valkey.ensure_running(data_dir) == url
    assert time.perf_counter() - began < 0.02

    assert valkey.stop(data_dir)

    assert not valkey.stop(data_dir)

"""The shared cache: Valkey or Redis, and this process's own memory while that is away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = structlog.get_logger(__name__)


class Cache(RedisCache):
    """Sign-in and the API count their rates here. While the server is away each process counts on its own: looser limits, but nobody is locked out
    and no limit falls away.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._meanwhile = LocMemCache("meanwhile", params)


def _patient(name: str) -> Callable[..., Any]:
    shared, own = getattr(RedisCache, name), getattr(LocMemCache, name)

    def operation(self: Cache, *args: Any, **kwargs: Any) -> Any:
        try:
            return shared(self, *args, **kwargs)
        except RedisError as error:
            logger.warning("the cache is away", operation=name, error=type(error).__name__)
            return own(self._meanwhile, *args, **kwargs)

    return operation


for _name in (
    "add", "get", "set", "touch", "delete", "get_many", "set_many", "delete_many", "has_key", "incr", "clear",
):  # fmt: skip
    setattr(Cache, _name, _patient(_name))

"""What a client sent, wherever it put it: query, form, multipart or JSON."""

from __future__ import annotations

import json
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request


class Params:
    """Parameters by name; `list[]` and `list` are the same name."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def get(self, name: str) -> Any:
        return self.values.get(name)

    def text(self, name: str, default: str = "") -> str:
        value = self.values.get(name)
        if isinstance(value, list):
            value = value[-1] if value else None
        return default if value is None or isinstance(value, dict | UploadFile) else str(value)

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = self.values.get(name)
        return default if value is None or value == "" else str(value).lower() in {"1", "true", "on", "yes"}

    def number(self, name: str, default: int, *, most: int) -> int:
        """An integer from 1 to `most`; nonsense is the default."""
        text = self.text(name)
        return max(1, min(int(text), most)) if text.isdecimal() else default

    def many(self, name: str) -> list[Any]:
        value = self.values.get(name)
        if value is None:
            return []
        return value if isinstance(value, list) else [value]

    def file(self, name: str) -> UploadFile | None:
        value = self.values.get(name)
        return value if isinstance(value, UploadFile) else None


async def read_params(request: Request) -> Params:
    """Merge query and body. ValueError where the body isn't what its Content-Type says."""
    values: dict[str, Any] = {}
    _merge(values, request.query_params.multi_items())
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind == "application/json":
        body = await request.body()
        parsed = json.loads(body) if body else {}
        if not isinstance(parsed, dict):
            raise ValueError("the JSON body must be an object")
        values.update({name.removesuffix("[]"): value for name, value in parsed.items()})
    elif kind in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        # The form stays open with the request; Starlette closes it when the answer is sent.
        _merge(values, (await request.form()).multi_items())
    return Params(values)


def _merge(values: dict[str, Any], items: list[tuple[str, Any]]) -> None:
    for raw, value in items:
        name = raw.removesuffix("[]")
        if raw != name or (name in values and isinstance(values[name], list)):
            values.setdefault(name, [])
            if not isinstance(values[name], list):
                values[name] = [values[name]]
            values[name].append(value)
        else:
            values[name] = value

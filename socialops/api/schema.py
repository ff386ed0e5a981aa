"""Names of operations in the OpenAPI document: the path says it."""

from __future__ import annotations

from drf_spectacular.openapi import AutoSchema as SpectacularSchema

_VERBS = {"GET": "read", "POST": "create", "PUT": "replace", "PATCH": "change", "DELETE": "delete"}


class AutoSchema(SpectacularSchema):
    def get_operation_id(self) -> str:
        """`list_posts`, `read_post`… by path and method: GET on a collection lists."""
        words = [
            w.replace("-", "_") for w in self.path.removeprefix("/api/v1/organizations/").strip("/").split("/")[1:]
        ]
        plain = [word for word in words if not word.startswith("{")]
        verb = "list" if self.method == "GET" and words and not words[-1].startswith("{") else _VERBS[self.method]
        one = "one_" if words and words[-1].startswith("{") else ""
        return f"{verb}_{one}{'_'.join(plain)}"

"""Meta's own client library, unchanged, turned to the sandbox: only the host is another."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from facebook_business.api import FacebookAdsApi
from facebook_business.session import FacebookSession


@contextmanager
def graph_api(base_url: str, token: str, *, secret: str = "sandbox-secret") -> Iterator[FacebookAdsApi]:
    """`secret` "" where the host knows no proof of the app."""
    session = FacebookSession("sandbox-app", secret or None, token)
    session.GRAPH = base_url
    try:
        yield FacebookAdsApi(session)
    finally:
        session.requests.close()

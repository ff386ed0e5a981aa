"""TikTok's counters: totals since publishing, of public posts only. No reach, no watch time, no periods."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from socialops.networks.data import network_data
from socialops.networks.errors import ValidationError
from socialops.networks.ports import Metrics, PostMetrics, Target
from socialops.networks.tiktok.answers import NETWORK
from socialops.networks.tiktok.oauth import read_user
from socialops.networks.tiktok.read import is_public_id, public_id, query

SCOPE = "video.list"


def pull_post_metrics(target: Target, *, external_ids: Sequence[str]) -> PostMetrics:
    """Twenty posts a call. A post known by its publish_id only is looked up first; while it has no public id it has no numbers."""
    names = list(network_data(NETWORK)["metrics"]["post"])
    granted = target.credentials.scopes
    if granted and SCOPE not in granted:
        return PostMetrics({}, dead=dict.fromkeys(names, f"scope {SCOPE} was not granted"))
    found: dict[str, Metrics] = {}
    gone: set[str] = set()
    dead: dict[str, str] = {}
    public = dict(_public_ids(target, external_ids))
    ids, size = list(public), network_data(NETWORK)["read"]["batch"]
    for start in range(0, len(ids), size):
        batch = ids[start : start + size]
        counted = _counters(target, batch, [name for name in names if name not in dead], dead)
        for post_id in batch:
            if counted is not None and post_id in counted:
                found[public[post_id]] = counted[post_id]
            elif counted is not None and is_public_id(public[post_id]):
                gone.add(public[post_id])
    return PostMetrics(found, frozenset(gone), dead)


def _public_ids(target: Target, external_ids: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(public id, id it is known by here). A look-up is a call of which few are allowed a minute; who isn't looked up now is later."""
    left = network_data(NETWORK)["read"]["lookups"]
    for known in external_ids:
        if is_public_id(known):
            yield known, known
        elif left > 0:
            left -= 1
            if found := public_id(target, known):
                yield found, known


def _counters(target: Target, ids: list[str], names: Sequence[str], dead: dict[str, str]) -> dict[str, Metrics] | None:
    """All names in one call; if that is refused, one by one, so that the refused name is known. None where none is left."""
    if not names:
        return None
    try:
        videos = query(target, ids, ",".join(("id", *names)))
    except ValidationError as error:
        if len(names) == 1:
            dead[names[0]] = str(error.detail.get("message", ""))
            return None
    else:
        return {
            post_id: {name: video[name] for name in names if isinstance(video.get(name), int)}
            for post_id, video in videos.items()
        }
    each = [one for name in names if (one := _counters(target, ids, [name], dead)) is not None]
    counted: dict[str, Metrics] = {}
    for one in each:
        for post_id, values in one.items():
            counted.setdefault(post_id, {}).update(values)
    return counted if each else None


def pull_account_metrics(target: Target) -> Metrics:
    """{} without user.info.stats."""
    fields = network_data(NETWORK)["oauth"]["fields"]["user.info.stats"]
    user = read_user(target)
    return {name: user[name] for name in fields if isinstance(user.get(name), int)}

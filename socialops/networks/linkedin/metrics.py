"""LinkedIn's counters: a Page's for many posts at once, a member's one metric a call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from socialops.networks.data import network_data
from socialops.networks.errors import AuthError, NetworkError, ValidationError
from socialops.networks.linkedin.answers import GONE, NETWORK, call, elements, has_role, is_organization
from socialops.networks.linkedin.restli import address
from socialops.networks.ports import Metrics, PostMetrics, Target

VOTES = "uniqueVotersCount"
LISTS = {"share": "shares", "ugcPost": "ugcPosts"}  # name of the parameter by the kind of URN
ANALYTICS = {"share": "share", "ugcPost": "ugc"}


def pull_post_metrics(target: Target, *, external_ids: Sequence[str]) -> PostMetrics:
    return _of_page(target, external_ids) if is_organization(target) else _of_member(target, external_ids)


def _kind(urn: str) -> str:
    return urn.split(":")[2] if urn.count(":") == 3 else ""


def _of_page(target: Target, external_ids: Sequence[str]) -> PostMetrics:
    """Posts nobody ever saw are left out of the answer, and so are deleted ones: those missing are asked after, one by one."""
    names = network_data(NETWORK)["metrics"]["post"]
    if not has_role(target, "administer"):
        return PostMetrics({}, dead=dict.fromkeys(names, "ADMINISTRATOR"))
    found: dict[str, Metrics] = {}
    try:
        for kind, urns in _batches(external_ids):
            where = address(
                "organizationalEntityShareStatistics",
                q="organizationalEntity",
                organizationalEntity=target.external_id,
                **{LISTS[kind]: urns},
            )
            for row in elements(call(target, "GET", where)):
                found[str(row.get(kind))] = _counters(row, names)
    except (AuthError, ValidationError) as error:
        if isinstance(error, AuthError) and error.raw is not None and error.raw.status == 401:
            raise
        return PostMetrics(found, dead=dict.fromkeys(names, str(error.detail.get("message", ""))))
    gone = set()
    for urn in external_ids:
        if urn not in found and _kind(urn) in LISTS:
            if call(target, "GET", address("posts", urn), accept=GONE).ok:
                found[urn] = dict.fromkeys(names, 0)
            else:
                gone.add(urn)
    dead = _add_votes(target, found)
    return PostMetrics({urn: found[urn] for urn in external_ids if urn in found}, frozenset(gone), dead)


def _add_votes(target: Target, found: Mapping[str, Metrics]) -> dict[str, str]:
    """The statistics are read already: they stand without the votes, and why these are missing is given."""
    try:
        votes = _votes(target, list(found))
    except NetworkError as error:
        return {VOTES: str(error.detail.get("message") or error.code)}
    for urn, number in votes.items():
        found[urn][VOTES] = number
    return {}


def _votes(target: Target, urns: Sequence[str]) -> dict[str, int]:
    """How many people voted, of those posts that are polls: told with the posts, by no statistics. Nothing where LinkedIn doesn't show them to us."""
    found: dict[str, int] = {}
    size = network_data(NETWORK)["metrics"]["batch"]
    for start in range(0, len(urns), size):
        answer = call(target, "GET", address("posts", ids=urns[start : start + size]), accept=(400, 403, *GONE))
        results = answer.object().get("results") if answer.ok else None
        for urn, post in results.items() if isinstance(results, dict) else ():
            votes = ((post.get("content") or {}).get("poll") or {}).get(VOTES)
            if urn in urns and isinstance(votes, int):
                found[urn] = votes
    return found


def _batches(external_ids: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    size = network_data(NETWORK)["metrics"]["batch"]
    for kind in LISTS:
        urns = [urn for urn in external_ids if _kind(urn) == kind]
        yield from ((kind, urns[start : start + size]) for start in range(0, len(urns), size))


def _counters(row: Mapping[str, Any], names: Sequence[str]) -> Metrics:
    told = row.get("totalShareStatistics") or {}
    return {name: told[name] for name in names if isinstance(told.get(name), int)}


def _of_member(target: Target, external_ids: Sequence[str]) -> PostMetrics:
    """A metric that LinkedIn refuses is not asked for again in this pull, and the others go on."""
    found: dict[str, Metrics] = {}
    dead: dict[str, str] = {}
    gone: set[str] = set()
    for urn in external_ids:
        if _kind(urn) not in ANALYTICS:
            continue
        for name in network_data(NETWORK)["metrics"]["member"]:
            if name in dead or urn in gone:
                continue
            where = address(
                "memberCreatorPostAnalytics",
                q="entity",
                entity={ANALYTICS[_kind(urn)]: urn},
                queryType=name,
                aggregation="TOTAL",
            )
            answer = call(target, "GET", where, accept=(400, 403, *GONE))
            if answer.status in GONE:
                gone.add(urn)
            elif not answer.ok:
                dead[name] = str(answer.error_object().get("message") or answer.status)
            else:
                counts = [row["count"] for row in elements(answer) if isinstance(row.get("count"), int)]
                found.setdefault(urn, {}).update({name: sum(counts)} if counts else {})
    return PostMetrics({urn: values for urn, values in found.items() if urn not in gone}, frozenset(gone), dead)


# ---------------------------------------------------------------- the account


def pull_account_metrics(target: Target) -> Metrics:
    """Followers; for a Page also the totals of all its posts in the last twelve months, where its person is an administrator."""
    if not is_organization(target):
        answer = call(target, "GET", address("memberFollowersCount", q="me"), accept=(403, *GONE))
        rows = elements(answer) if answer.ok else []
        counts = [count for row in rows if isinstance(count := row.get("memberFollowersCount"), int)]
        return {"memberFollowersCount": counts[0]} if counts else {}
    rule = network_data(NETWORK)["metrics"]
    size = call(target, "GET", address("networkSizes", target.external_id, edgeType=rule["followers_edge"])).object()
    found: Metrics = (
        {"firstDegreeSize": size["firstDegreeSize"]} if isinstance(size.get("firstDegreeSize"), int) else {}
    )
    if not has_role(target, "administer"):
        return found
    where = address(
        "organizationalEntityShareStatistics", q="organizationalEntity", organizationalEntity=target.external_id
    )
    answer = call(target, "GET", where, accept=(403,))
    for row in elements(answer) if answer.ok else ():
        found |= _counters(row, rule["post"])
    return found

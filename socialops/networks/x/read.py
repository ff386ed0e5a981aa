"""Reading X back: posts with their whole text and real links; mentions, replies, quotes and private messages."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from socialops.networks import http
from socialops.networks.data import network_data
from socialops.networks.ports import (
    Finding,
    MentionPage,
    Published,
    Reconciliation,
    RemoteMention,
    RemotePost,
    Target,
)
from socialops.networks.x.answers import (
    NETWORK,
    call,
    charge_reads,
    fields,
    included_of,
    post_url,
    posted_at,
    problem_of,
    rows_of,
    site,
)

REFERENCES = ("referenced_tweets", "referenced_posts")  # the old name and the new one
NOTES = ("note_tweet", "note_post")
MEDIA_LINKS = ("/photo/", "/video/")
USER_FIELDS = "id,name,username,profile_image_url"


def moment_of(row: Mapping[str, Any]) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(row.get("created_at")))
    except ValueError:
        return posted_at(str(row.get("id") or ""))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def text_of(post: Mapping[str, Any]) -> str:
    """Plain text: t.co links as the addresses behind them, without those X adds for the files, and without HTML's escapes. Of an article its title and its words."""
    if (article := article_of(post)) and article.title:
        return f"{article.title}\n\n{article.text}".strip()
    return _plain_text(post)


def _plain_text(post: Mapping[str, Any]) -> str:
    long = next((post[name] for name in NOTES if isinstance(post.get(name), dict) and post[name].get("text")), None)
    source = long or post
    text = str(source.get("text") or "")
    for link in (source.get("entities") or {}).get("urls") or ():
        short = str(link.get("url") or "")
        whole = str(link.get("expanded_url") or short)
        if not short:
            continue
        of_file = bool(link.get("media_key")) or ("/status/" in whole and any(part in whole for part in MEDIA_LINKS))
        text = text.replace(f" {short}", "").replace(short, "") if of_file else text.replace(short, whole)
    return html.unescape(text).strip()


@dataclass(frozen=True, slots=True)
class ArticleRead:
    """The article of a post: `title` and `text` as far as X tells them, `address` "" where it is not shown."""

    title: str
    text: str
    address: str


def article_of(post: Mapping[str, Any]) -> ArticleRead | None:
    """None for a post that is none. X documents nothing of the field; of a post that is only an article's address the rest may be kept from us."""
    told, whole = post.get("article"), ""
    for link in (post.get("entities") or {}).get("urls") or ():
        whole = str(link.get("expanded_url") or "") or whole
    address = whole if "/i/article/" in whole else ""
    if isinstance(told, dict) and told:
        title, text = (html.unescape(str(told.get(name) or "")) for name in ("title", "plain_text"))
        return ArticleRead(title, text, address)
    return ArticleRead("", "", address) if address and _plain_text(post) == address else None


def media_keys(post: Mapping[str, Any]) -> tuple[str, ...]:
    """In the order in which they are shown."""
    return tuple(map(str, (post.get("attachments") or {}).get("media_keys") or ()))


def poll_ids(post: Mapping[str, Any]) -> list[str]:
    return [str(poll_id) for poll_id in (post.get("attachments") or {}).get("poll_ids") or ()]


def has_poll(post: Mapping[str, Any]) -> bool:
    return bool(poll_ids(post))


def referenced(post: Mapping[str, Any], kind: str) -> str:
    """The id of the post it answers (replied_to) or quotes (quoted), "" if none."""
    for name in REFERENCES:
        for reference in post.get(name) or ():
            if reference.get("type") == kind:
                return str(reference.get("id") or "")
    return ""


def remote_post(target: Target, post: Mapping[str, Any]) -> RemotePost:
    post_id = str(post["id"])
    url = post_url(target, target.handle, post_id)
    return RemotePost(post_id, url, text_of(post), moment_of(post), len(media_keys(post)))


def read_post(target: Target, *, external_id: str) -> RemotePost | None:
    row = read_row(target, external_id)
    return None if row is None else remote_post(target, row)


def read_row(target: Target, external_id: str, *more: str) -> dict[str, Any] | None:
    """A post with its usual fields and `more`, None when it is gone."""
    answer = call(
        target, "GET", f"/2/tweets/{quote(external_id, safe='')}", params=fields("article", *more), accept=(404,)
    )
    body = answer.error_object()
    if answer.status == 404 or (not body.get("data") and _is_gone(answer)):
        return None
    answer.text("data", "id")
    charge_reads(target, answer)
    row: dict[str, Any] = body["data"]
    return row


def _is_gone(answer: http.Answer) -> bool:
    """X answers 200 with a problem for a post that isn't there."""
    return problem_of(answer)[0] in ("resource-not-found", "not-authorized-for-resource", "resource-unavailable")


def own_posts(target: Target, since: datetime) -> tuple[list[dict[str, Any]], bool]:
    """Our posts and replies made after `since`, newest first, and whether all of them were seen."""
    rule = network_data(NETWORK)["reconcile"]
    params: dict[str, Any] = {**fields("article"), "max_results": rule["page_size"], "start_time": rfc3339(since)}
    found: list[dict[str, Any]] = []
    for _page in range(rule["pages"]):
        answer = call(target, "GET", f"/2/users/{quote(target.external_id, safe='')}/tweets", params=params)
        found += rows_of(answer)
        charge_reads(target, answer)
        params["pagination_token"] = _next_token(answer)
        if not params["pagination_token"]:
            return found, True
    return found, False


def settle(
    target: Target, found: list[RemotePost], since: datetime, *, complete: bool, alike: Sequence[RemotePost] = ()
) -> Reconciliation:
    """One is ours; several, what is only alike, or a list not read to its end, are for a person; none at all is certain once X has had its time."""
    if len(found) == 1:
        return Reconciliation(Finding.PUBLISHED, Published(found[0].external_id, found[0].url))
    if found or alike or not complete:
        return Reconciliation(Finding.UNDECIDED, candidates=(*found, *alike))
    settled_at = since + timedelta(seconds=network_data(NETWORK)["reconcile"]["settle_seconds"])
    if settled_at > datetime.now(UTC):
        return Reconciliation(Finding.UNDECIDED, look_again_at=settled_at)
    return Reconciliation(Finding.NOT_PUBLISHED)


def rfc3339(moment: datetime) -> str:
    """In UTC with Z and whole seconds, as X documents it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# ---------------------------------------------------------------- what people say

Page = tuple[list[RemoteMention], list[str], str]
"""Mentions of a page, the ids of all its rows, and from where an older page goes on ("" where there is none)."""


def pull_mentions(target: Target, *, cursor: Mapping[str, Any], watched: Sequence[str]) -> MentionPage:
    """What mentions us; replies and quotes of watched posts that don't; private messages where we may read them.

    `cursor` holds a state for each of the three: {"since": newest id of the last complete walk, "until": where a walk that is not at its end goes on, "newest": where it began}.
    A walk goes from the newest back to `since`, a page a pull, so that nothing between is lost; the very first is a single page.
    """
    roots = [post_id for post_id in watched if post_id.isdigit()][: network_data(NETWORK)["read"]["watched"]]
    sources: dict[str, Callable[[Mapping[str, str]], Page]] = {
        "mentions": lambda state: _mentions(target, state, watched)
    }
    if roots:
        sources["conversations"] = lambda state: _conversations(target, state, roots)
    if "dm.read" in target.credentials.scopes:
        sources["messages"] = lambda state: _messages(target, state)
    states = {name: dict(state) for name, state in cursor.items()}
    walking = [name for name in sources if states.get(name, {}).get("until")]
    found: list[RemoteMention] = []
    for name in walking or sources:
        state = states.get(name, {})
        mentions, ids, older = sources[name](state)
        found += mentions
        states[name] = _next_state(state, ids, older)
    return MentionPage(tuple(found), states, more=any(state.get("until") for state in states.values()))


def _next_state(state: Mapping[str, str], ids: Sequence[str], older: str) -> dict[str, str]:
    since = state.get("since", "")
    newest = max([*ids, state.get("newest", "")], key=_number)
    if older and since:
        return {"since": since, "until": older, "newest": newest}
    return {"since": newest or since} if newest or since else {}


def _number(post_id: str) -> int:
    return int(post_id) if post_id.isdigit() else 0


def _window(state: Mapping[str, str]) -> dict[str, str]:
    window = {"since_id": state.get("since", ""), "until_id": state.get("until", "")}
    return {name: value for name, value in window.items() if value}


def _mentions(target: Target, state: Mapping[str, str], watched: Sequence[str]) -> Page:
    path = f"/2/users/{quote(target.external_id, safe='')}/mentions"
    return _posts(target, path, _window(state), watched, bucket="mentions")


def _conversations(target: Target, state: Mapping[str, str], roots: Sequence[str]) -> Page:
    """One search finds the replies and quotes of several posts, and costs nothing when there are none."""
    window = _window(state)
    oldest = datetime.now(UTC) - timedelta(days=network_data(NETWORK)["read"]["search_days"], minutes=-1)
    known_since = posted_at(window.get("since_id", ""))
    if known_since is not None and known_since < oldest:
        del window["since_id"]  # older than what is searched: refused
    mentions: list[RemoteMention] = []
    edges: list[str] = []
    seen: list[str] = []
    for query in _queries(target, roots):
        page, ids, older = _posts(target, "/2/tweets/search/recent", {**window, "query": query}, roots, bucket="search")
        mentions += page
        seen += ids
        edges.append(older)
    # The walk goes on under the highest edge: what another query gave already comes again, and is known by its id.
    return mentions, seen, max(edges, key=_number)


def _queries(target: Target, roots: Sequence[str]) -> Iterator[str]:
    """As many posts in each query as its length allows."""
    us = target.handle.removeprefix("@")
    ending = f" -from:{us} -@{us} -is:retweet"
    longest = network_data(NETWORK)["read"]["query_length"]
    terms: list[str] = []
    for post_id in roots:
        term = f"conversation_id:{post_id} OR quotes_of_tweet_id:{post_id}"
        if terms and len(" OR ".join([*terms, term])) + len(ending) + 2 > longest:
            yield f"({' OR '.join(terms)}){ending}"
            terms = []
        terms.append(term)
    if terms:
        yield f"({' OR '.join(terms)}){ending}"


def _posts(target: Target, path: str, params: dict[str, str], watched: Sequence[str], *, bucket: str) -> Page:
    asked = {
        **fields(expansions=("author_id",)),
        **params,
        "max_results": network_data(NETWORK)["read"]["page_size"],
        "user.fields": USER_FIELDS,
    }
    answer = call(target, "GET", path, params=asked, bucket=bucket)
    rows = rows_of(answer)
    charge_reads(target, answer)
    people = {str(user.get("id")): user for user in included_of(answer.object()).get("users") or ()}
    mentions = [
        _mention(target, row, people.get(str(row.get("author_id")), {}), watched)
        for row in rows
        if str(row.get("author_id")) != target.external_id
    ]
    ids = [str(row["id"]) for row in rows]
    return mentions, ids, min(ids, key=_number) if ids and _next_token(answer) else ""


def _next_token(answer: http.Answer) -> str:
    return str((answer.object().get("meta") or {}).get("next_token") or "")


def _mention(
    target: Target, row: Mapping[str, Any], author: Mapping[str, Any], watched: Sequence[str]
) -> RemoteMention:
    answers, quotes = referenced(row, "replied_to"), referenced(row, "quoted")
    root = str(row.get("conversation_id") or "")
    ours = str(row.get("in_reply_to_user_id") or "") == target.external_id or root in watched
    name = str(author.get("username") or "")
    kind = "quote" if quotes in watched and quotes else "reply" if answers and ours else "mention"
    about = quotes if kind == "quote" else root
    return RemoteMention(
        external_id=str(row["id"]),
        kind=kind,
        text=text_of(row),
        url=post_url(target, name, str(row["id"])),
        created_at=moment_of(row) or datetime.now(UTC),
        in_reply_to=quotes if kind == "quote" else answers,
        root=about if about in watched else "",
        language="" if row.get("lang") in (None, "und", "zxx", "qme") else str(row["lang"]),
        **_author(target, str(row.get("author_id") or ""), author),
    )


def _author(target: Target, author_id: str, author: Mapping[str, Any]) -> dict[str, Any]:
    name = str(author.get("username") or "")
    return {
        "author_id": author_id,
        "author_handle": f"@{name}" if name else "",
        "author_name": str(author.get("name") or name or author_id),
        "author_url": f"{site(target.base_url)}/{name or f'i/user/{author_id}'}",
        "author_avatar_url": str(author.get("profile_image_url") or ""),
    }


# ---------------------------------------------------------------- private messages


def messages_with(target: Target, person_id: str) -> list[dict[str, Any]]:
    """The newest private messages between us and somebody."""
    path = f"/2/dm_conversations/with/{quote(person_id, safe='')}/dm_events"
    answer = _message_events(target, path, {})
    return rows_of(answer)


def _messages(target: Target, state: Mapping[str, str]) -> Page:
    """X pages these by token alone: a walk goes on with it while it meets no id that is known."""
    token = state.get("until", "")
    answer = _message_events(target, "/2/dm_events", {"pagination_token": token} if token else {})
    rows, since = rows_of(answer), _number(state.get("since", ""))
    people = {str(user.get("id")): user for user in included_of(answer.object()).get("users") or ()}
    new = [row for row in rows if _number(str(row["id"])) > since]
    mentions = [
        _message(target, row, people.get(str(row.get("sender_id")), {}))
        for row in new
        if str(row.get("sender_id")) != target.external_id
    ]
    return mentions, [str(row["id"]) for row in new], _next_token(answer) if len(new) == len(rows) else ""


def _message_events(target: Target, path: str, params: dict[str, str]) -> http.Answer:
    asked = {
        "dm_event.fields": "id,text,created_at,dm_conversation_id,event_type",
        "expansions": "sender_id",
        "event_types": "MessageCreate",
        "user.fields": USER_FIELDS,
        "max_results": network_data(NETWORK)["read"]["messages_page_size"],
        **params,
    }
    answer = call(target, "GET", path, params=asked, scope="dm.read", bucket="message_reads")
    rows_of(answer)
    charge_reads(target, answer)
    return answer


def _message(target: Target, row: Mapping[str, Any], sender: Mapping[str, Any]) -> RemoteMention:
    return RemoteMention(
        external_id=str(row["id"]),
        kind="message",
        text=html.unescape(str(row.get("text") or "")),
        url=f"{site(target.base_url)}/messages/{row.get('dm_conversation_id', '')}",
        created_at=moment_of(row) or datetime.now(UTC),
        extra={"conversation": str(row.get("dm_conversation_id") or "")},
        **_author(target, str(row.get("sender_id") or ""), sender),
    )

"""Whose account a call is about, and what its token may do there: a Page's or a person's token of Facebook Login, or one of Instagram's own login."""

from __future__ import annotations

from typing import Final

from socialops.sandbox.graph.call import Call, GraphError, missing, page_id
from socialops.sandbox.models import INSTAGRAM, Account, Post
from socialops.sandbox.world import World

OWN_LOGIN: Final = "instagram"  # kind of a token of Instagram's own login
LOGIN_SCOPES: Final = (
    "instagram_business_basic",
    "instagram_business_content_publish",
    "instagram_business_manage_comments",
    "instagram_business_manage_messages",
    "instagram_business_manage_insights",
)


def by_page(world: World, key: str) -> Account | None:
    """The account that is linked to this Page."""
    return next((a for a in world.brands(INSTAGRAM) if page_id(a) == key), None)


def names(text: str, account: Account) -> bool:
    """Whether a text mentions the account."""
    return f"@{account.handle}".lower() in text.lower()


def need(call: Call, what: str) -> None:
    """`what` as in instagram_<what> or instagram_business_<what>."""
    prefix = "instagram_business_" if call.token.kind == OWN_LOGIN else "instagram_"
    if f"{prefix}{what}" not in call.token.scopes:
        raise GraphError(10, f"(#10) Application does not have permission for this action: {prefix}{what}")


def may_see(call: Call, account_id: str) -> bool:
    """The account's own tokens, and that of the person its Page belongs to."""
    account = call.world.accounts.get(account_id)
    return account is not None and call.account.id in {account.id, account.owner}


def own_account(call: Call, what: str) -> Account:
    """The account in the path, by its own id or `me`, with a token that may do `what`."""
    key = call.account.id if call.id == "me" else call.id
    account = call.world.accounts.get(key)
    if account is None or account.network != INSTAGRAM or account.role != "brand" or not may_see(call, key):
        raise missing(call.id, call.verb)
    need(call, what)
    return account


def own_media(call: Call, what: str) -> Post:
    """The published media in the path, one of the token's account."""
    post = call.world.posts.get(call.id)
    if post is None or post.network != INSTAGRAM or post.reply_to or not may_see(call, post.account_id):
        raise missing(call.id, call.verb)
    need(call, what)
    return post


def own_comment(call: Call, what: str) -> Post:
    """The comment in the path, under the account's media."""
    comment = call.world.posts.get(call.id)
    root = call.world.posts.get(comment.root) if comment else None
    if comment is None or root is None or not may_see(call, root.account_id):
        raise missing(call.id, call.verb)
    need(call, what)
    return comment

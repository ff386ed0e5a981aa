"""What a post may say beside its text and its files: who is tagged, which picture stands for the video, whom it is for."""

from __future__ import annotations

from typing import Any, Final

from socialops.sandbox.models import X
from socialops.sandbox.x.call import Call, XError, invalid
from socialops.sandbox.x.edits import subscription

MEDIA: Final = frozenset({"media_ids", "tagged_user_ids", "preview_media_id"})
TAGGED: Final = 10


def checked_settings(call: Call, media: list[str]) -> dict[str, Any]:
    """What of them is remembered with the post."""
    facts = _audience(call)
    if tagged := _tagged(call):
        facts["tagged"] = tagged
    if preview := _preview(call, media):
        call.world.media.objects[media[0]].facts["still"] = preview
    return facts


def _tagged(call: Call) -> list[str]:
    """Who is tagged in the pictures."""
    ids = (call.body.get("media") or {}).get("tagged_user_ids", [])
    if not isinstance(ids, list) or len(ids) > TAGGED or not all(isinstance(key, str) for key in ids):
        raise invalid("media.tagged_user_ids", ids, "$.media.tagged_user_ids: must be at most 10 strings")
    accounts = [call.world.accounts.get(key) for key in ids]
    if any(account is None or account.network != X for account in accounts):
        raise invalid("media.tagged_user_ids", ids, "Tagged user IDs are invalid.")
    return ids


def _preview(call: Call, media: list[str]) -> str:
    """A picture of one's own, beside a video."""
    key = (call.body.get("media") or {}).get("preview_media_id")
    if key is None:
        return ""
    preview = call.world.media.get(key) if isinstance(key, str) else None
    mine = preview is not None and preview.account_id == call.me.id and preview.facts.get("category") == "tweet_image"
    if not mine or not media or call.world.media.objects[media[0]].facts["category"] != "tweet_video":
        raise invalid("media.preview_media_id", key, "Your media IDs are invalid.")
    return str(key)


def _audience(call: Call) -> dict[str, Any]:
    """Communities have numbers of which the even ones are open to everybody here; subscribers are those of an account that pays itself."""
    community = call.body.get("community_id")
    if community is not None and not (isinstance(community, str) and community.isdigit() and len(community) <= 19):
        raise invalid("community_id", community, "$.community_id: does not match the regex pattern ^[0-9]{1,19}$")
    if community is not None and int(community) % 2:
        raise XError(403, "You are not a member of this Community.")
    exclusive = call.body.get("for_super_followers_only", False)
    if exclusive and subscription(call.world, call.me) == "None":
        raise XError(403, "You must have Super Followers to create an exclusive Tweet.")
    told = {"community": community, "exclusive": exclusive, "shared": call.body.get("share_with_followers", False)}
    return {name: value for name, value in told.items() if value}

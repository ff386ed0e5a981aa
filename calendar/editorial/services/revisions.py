"""Freezing what a post was."""

from __future__ import annotations

from editorial.enums import RevisionKind
from editorial.models import Revision
from editorial.selectors.content import frozen, hash_of
from editorial.selectors.posts import Loaded
from editorial.states import WITH_AUTHOR
from socialops.permissions.actor import Actor


def new_revision(loaded: Loaded, *, kind: RevisionKind = RevisionKind.SAVED, actor: Actor) -> Revision:
    """The post's content now, not yet stored."""
    post = loaded.post
    return Revision(
        organization_id=actor.organization_id,
        post=post,
        number=post.version,
        kind=kind,
        content=frozen(post, loaded.variants, loaded.assets),
        content_hash=post.content_hash,
        title=post.title,
        author_id=actor.user_id,
        author_name=actor.name[:200],
    )


def keep_revision(loaded: Loaded, *, kind: RevisionKind = RevisionKind.SAVED, actor: Actor) -> Revision:
    """The same, stored."""
    revision = new_revision(loaded, kind=kind, actor=actor)
    revision.save(force_insert=True)
    return revision


def freeze_content(loaded: Loaded, *, actor: Actor) -> None:
    """Before a content leaves its author's hands: `pin_alt_texts` and `pin_subtitles`, with a revision when that changed the content. Nothing where it has left them already: it
    stays what it is. The caller moves the post then, and saves it.
    """
    post = loaded.post
    if post.state not in WITH_AUTHOR:
        return
    pin_alt_texts(loaded)
    pin_subtitles(loaded)
    new_hash = hash_of(post, loaded.variants, loaded.assets)
    if new_hash != post.content_hash:
        post.content_hash = new_hash
        post.version += 1
        keep_revision(loaded, actor=actor)


def pin_subtitles(loaded: Loaded) -> None:
    """Give the post the subtitles that its videos have now, for good: others that come later reach it only when somebody edits it. The caller saves the post."""
    now = {str(asset.pk): [track.pk for track in asset.current_tracks] for asset in loaded.assets.values()}
    loaded.post.subtitles = {key: tracks for key, tracks in now.items() if tracks}


def pin_alt_texts(loaded: Loaded) -> None:
    """Give every image without a description of its own the asset's, for good: later changes of the asset can't change
    what is approved. Writes the variants, the caller saves the post.
    """

    def pin(items: list[dict[str, object]]) -> bool:
        changed = False
        for item in items:
            asset = loaded.assets.get(int(str(item["id"])))
            if asset is not None and not item["alt_text"] and asset.alt_text:
                item["alt_text"], changed = asset.alt_text, True
        return changed

    pin(loaded.post.media)
    for variant in loaded.variants:
        if variant.media is not None and pin(variant.media) and variant.pk is not None:
            variant.save(update_fields=["media"])

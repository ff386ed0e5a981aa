"""Freezing what a post was."""

from __future__ import annotations

from editorial.enums import RevisionKind
from editorial.models import Revision
from editorial.selectors.content import frozen, hash_of
from editorial.selectors.posts import Loaded
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


def freeze_descriptions(loaded: Loaded, *, actor: Actor) -> None:
    """Before a content leaves its author's hands: `pin_alt_texts`, with a revision when that changed the content."""
    if pin_alt_texts(loaded):
        loaded.post.content_hash = hash_of(loaded.post, loaded.variants, loaded.assets)
        loaded.post.version += 1
        keep_revision(loaded, actor=actor)


def pin_alt_texts(loaded: Loaded) -> bool:
    """Give every image without a description of its own the asset's, for good: later changes of the asset can't change
    what is approved. Whether anything changed; writes the variants, the caller saves the post.
    """

    def pin(items: list[dict[str, object]]) -> bool:
        changed = False
        for item in items:
            asset = loaded.assets.get(int(str(item["id"])))
            if asset is not None and not item["alt_text"] and asset.alt_text:
                item["alt_text"], changed = asset.alt_text, True
        return changed

    changed = pin(loaded.post.media)
    for variant in loaded.variants:
        if variant.media is not None and pin(variant.media):
            changed = True
            if variant.pk is not None:
                variant.save(update_fields=["media"])
    return changed

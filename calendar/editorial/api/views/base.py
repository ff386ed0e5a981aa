"""From editorial's errors to problem documents, and from request bodies to what services take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.response import Response

from editorial.api.serializers import PostOut
from editorial.enums import PostState
from editorial.errors import EditConflict, EditorialError, NotReady
from editorial.models import Post
from editorial.rules import resolve_local
from editorial.selectors.posts import variants_by_post
from editorial.selectors.resolving import Named, resolve
from editorial.services.posts import MediaUse, NewPost, NewVariant, PostFields
from publishing.errors import DeliveryConflict
from socialops.api.problems import Conflict
from socialops.api.views import TenantAPIView
from socialops.permissions.actor import Actor
from teams.models import Brand

_POINTERS = {
    "channels": "channels",
    "media": "media",
    "link": "link",
    "text": "text",
    "alt_text": "media",
    "subtitles": "media",
}


class EditorialAPIView(TenantAPIView):
    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, EditConflict):
            response = super().handle_exception(Conflict(exc.message, code=exc.code))
            response.data["version"] = exc.post.version
            response.data["kept_revision"] = exc.kept.pk if exc.kept else None
            return response
        if isinstance(exc, EditorialError):
            return super().handle_exception(Conflict(exc.message, code=exc.code))
        if isinstance(exc, DeliveryConflict):
            return super().handle_exception(Conflict(str(exc)))
        if isinstance(exc, NotReady):
            return super().handle_exception(ValidationError(_not_ready(exc)))
        return super().handle_exception(exc)

    def answer(self, post: Post, *, status: int = 200, notices: Sequence[str] = ()) -> Response:
        """One post as it is now."""
        post.loaded_variants = variants_by_post([post])[post.pk]  # type: ignore[attr-defined]  # for PostOut
        post.notices = list(notices)  # type: ignore[attr-defined]  # as above
        return Response(PostOut(post).data, status=status)

    def body(self, serializer: Any) -> dict[str, Any]:
        """The validated body; 400 with a pointer for each field otherwise."""
        filled = serializer(data=self.request.data)
        filled.is_valid(raise_exception=True)
        data: dict[str, Any] = filled.validated_data
        return data


def _not_ready(exc: NotReady) -> dict[str, list[Any]]:
    errors: dict[str, list[Any]] = {}
    prefix = "" if exc.index is None else f"posts/{exc.index}/"
    for problem in exc.problems:
        pointer = prefix + _POINTERS.get(problem.field, "variants")
        errors.setdefault(pointer, []).append(ErrorDetail(str(problem), code=problem.code))
    return errors


def named_in(actor: Actor, bodies: Iterable[Mapping[str, Any]]) -> Named:
    """Everything the bodies name, in four queries; 404 for what this actor does not see."""
    rows = list(bodies)
    variants = [variant for body in rows for variant in body.get("variants") or ()]
    media = [item for body in [*rows, *variants] for item in body.get("media") or ()]
    return resolve(
        actor,
        brands=[body["brand"] for body in rows if "brand" in body],
        channels=[pk for body in rows for pk in body.get("channels") or ()] + [v["channel"] for v in variants],
        campaigns=[body["campaign"] for body in rows if body.get("campaign")],
        media=[item["id"] for item in media] + [v["cover"] for v in variants if v.get("cover")],
    )


def instant(when: datetime | None, brand: Brand, notices: list[str]) -> datetime | None:
    """An aware date; a wall-clock one is read in the brand's zone, with a notice when summer time plays a trick."""
    if when is None or when.tzinfo is not None:
        return when
    local = resolve_local(when, brand.zone)
    if local.skipped:
        notices.append(
            _("%(asked)s does not exist that day (clocks go forward): %(used)s is used.")
            % {"asked": when.strftime("%H:%M"), "used": local.at.strftime("%H:%M")}
        )
    if local.repeated:
        notices.append(
            _("%(asked)s happens twice that day (clocks go back): the first is used.")
            % {"asked": when.strftime("%H:%M")}
        )
    return local.at


def uses(items: Sequence[Mapping[str, Any]], named: Named) -> list[MediaUse]:
    return [MediaUse(named.media[item["id"]], item["alt_text"]) for item in items]


def new_variants(bodies: Iterable[Mapping[str, Any]], named: Named) -> list[NewVariant]:
    return [
        NewVariant(
            channel=named.channels[body["channel"]],
            text=body.get("text"),
            media=None if body.get("media") is None else uses(body["media"], named),
            first_comment=body.get("first_comment", ""),
            parts=body.get("parts", ()),
            options={**body.get("options", {}), **({"format": body["format"]} if "format" in body else {})},
            cover=named.media.get(body.get("cover") or 0),
        )
        for body in bodies
    ]


def new_post(body: Mapping[str, Any], named: Named, notices: list[str]) -> NewPost:
    brand = named.brands[body["brand"]]
    state = PostState(body.get("state") or PostState.DRAFT)
    return NewPost(
        brand=brand,
        text=body["text"],
        channels=[named.channels[pk] for pk in body.get("channels", ())],
        scheduled_at=instant(body.get("scheduled_at"), brand, notices),
        campaign=named.campaigns.get(body.get("campaign") or 0),
        media=uses(body.get("media", ()), named),
        variants=new_variants(body.get("variants", ()), named),
        title=body.get("title", ""),
        link=body.get("link", ""),
        language=body.get("language", ""),
        as_draft="state" in body,
        state=state,
    )


def changed_fields(body: Mapping[str, Any], named: Named, brand: Brand, notices: list[str]) -> PostFields:
    fields: PostFields = {}
    for name in ("text", "title", "link", "language"):
        if name in body:
            fields[name] = body[name]
    if "campaign" in body:
        fields["campaign"] = named.campaigns[body["campaign"]] if body["campaign"] else None
    if "media" in body:
        fields["media"] = uses(body["media"], named)
    if "channels" in body:
        fields["channels"] = [named.channels[pk] for pk in body["channels"]]
    if "variants" in body:
        fields["variants"] = new_variants(body["variants"], named)
    if "scheduled_at" in body:
        fields["scheduled_at"] = instant(body["scheduled_at"], brand, notices)
    return fields

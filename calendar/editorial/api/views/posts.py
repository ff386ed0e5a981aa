"""posts, posts/bulk, posts/{id} and its actions."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from editorial.api.serializers import (
    BulkIn,
    CancelIn,
    DecisionIn,
    PostIn,
    PostOut,
    PostPatch,
    ScheduleIn,
    WhenField,
    id_field,
)
from editorial.api.views.base import EditorialAPIView, changed_fields, instant, named_in, new_post
from editorial.selectors.posts import PostFilter, filtered, get_post, variants_by_post
from editorial.services import posts as services

_FILTERS = {
    "brand": str,
    "channel": int,
    "network": str,
    "campaign": int,
    "state": str,
    "author": int,
    "q": str,
    "since": str,
    "until": str,
}


class Posts(EditorialAPIView):
    serializer_class = PostOut

    @extend_schema(parameters=[OpenApiParameter(name, kind) for name, kind in _FILTERS.items()])
    def get(self, request: Request, **_: Any) -> Response:
        """Visible posts, newest first. `channel`, `network` and `state` may be repeated; `since` ≤ scheduled_at < `until`."""
        posts = filtered(self.actor, self._filter(request)).select_related("brand", "author")
        page = self.paginate_queryset(posts)
        assert page is not None
        variants = variants_by_post(page)
        for post in page:
            post.loaded_variants = variants[post.pk]  # type: ignore[attr-defined]  # for PostOut
        return self.get_paginated_response(PostOut(page, many=True).data)

    def _filter(self, request: Request) -> PostFilter:
        query = request.query_params

        def key(value: str) -> int:
            return int(id_field().run_validation(value))

        def when(name: str) -> Any:
            if not query.get(name):
                return None
            at = WhenField().run_validation(query[name])
            if at.tzinfo is None:
                raise ValidationError({name: ["Add the offset, for example 2026-11-24T00:00:00+01:00 (%2B01:00)."]})
            return at

        return PostFilter(
            brand=query.get("brand", ""),
            channels=[key(value) for value in query.getlist("channel")],
            networks=query.getlist("network"),
            campaign=key(query["campaign"]) if query.get("campaign") else None,
            states=query.getlist("state"),
            author=key(query["author"]) if query.get("author") else None,
            text=query.get("q", ""),
            since=when("since"),
            until=when("until"),
        )

    @extend_schema(request=PostIn, responses={201: PostOut})
    def post(self, request: Request, **_: Any) -> Response:
        """Create a post. With `scheduled_at` it is scheduled at once where the brand needs no approval and you may publish;
        otherwise it is submitted for approval with that date.
        """
        body = self.body(PostIn)
        notices: list[str] = []
        new = new_post(body, named_in(self.actor, [body]), notices)
        post = services.create_posts(items=[new], actor=self.actor)[0]
        return self.answer(post, status=201, notices=notices)


class BulkPosts(EditorialAPIView):
    serializer_class = PostOut

    @extend_schema(request=BulkIn, responses={201: PostOut(many=True)})
    def post(self, request: Request, **_: Any) -> Response:
        """Create up to 1,000 posts, all or nothing."""
        bodies = self.body(BulkIn)["posts"]
        named = named_in(self.actor, bodies)
        notices: list[str] = []
        posts = services.create_posts(items=[new_post(body, named, notices) for body in bodies], actor=self.actor)
        variants = variants_by_post(posts)
        for post in posts:
            post.loaded_variants = variants[post.pk]  # type: ignore[attr-defined]  # for PostOut
        return Response({"posts": PostOut(posts, many=True).data, "notices": notices}, status=201)


class OnePost(EditorialAPIView):
    serializer_class = PostOut

    def get(self, request: Request, pk: str, **_: Any) -> Response:
        return self.answer(get_post(self.actor, pk))

    @extend_schema(request=PostPatch, responses=PostOut)
    def patch(self, request: Request, pk: str, **_: Any) -> Response:
        """Change what the body names. With `version` other than the post's: 409; what you sent is kept as a revision.

        An edit after approval re-opens it: nothing goes out that was not approved.
        """
        post = get_post(self.actor, pk)
        body = self.body(PostPatch)
        notices: list[str] = []
        fields = changed_fields(body, named_in(self.actor, [body]), post.brand, notices)
        services.update_post(post=post, fields=fields, expected_version=body.get("version"), actor=self.actor)
        return self.answer(get_post(self.actor, pk), notices=notices)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: str, **_: Any) -> Response:
        """Delete what never went out: ideas, drafts, cancelled and expired posts."""
        services.delete_draft(post=get_post(self.actor, pk), actor=self.actor)
        return Response(status=204)


class Submit(EditorialAPIView):
    serializer_class = PostOut

    @extend_schema(request=None, responses=PostOut)
    def post(self, request: Request, pk: str, **_: Any) -> Response:
        """Ask for approval."""
        services.submit_post(post=get_post(self.actor, pk), actor=self.actor)
        return self.answer(get_post(self.actor, pk))


class Approve(EditorialAPIView):
    serializer_class = PostOut

    @extend_schema(request=DecisionIn, responses=PostOut)
    def post(self, request: Request, pk: str, **_: Any) -> Response:
        """Approve somebody else's post; with `content_hash`, exactly that content or 409. A post with a date is scheduled at once."""
        services.approve_post(post=get_post(self.actor, pk), **self.body(DecisionIn), actor=self.actor)
        return self.answer(get_post(self.actor, pk))


class RequestChanges(EditorialAPIView):
    serializer_class = PostOut

    @extend_schema(request=DecisionIn, responses=PostOut)
    def post(self, request: Request, pk: str, **_: Any) -> Response:
        """Send a post back; `comment` says what should change."""
        body = {"comment": "", **self.body(DecisionIn)}
        services.request_changes(post=get_post(self.actor, pk), **body, actor=self.actor)
        return self.answer(get_post(self.actor, pk))


class Schedule(EditorialAPIView):
    serializer_class = PostOut

    @extend_schema(request=ScheduleIn, responses=PostOut)
    def post(self, request: Request, pk: str, **_: Any) -> Response:
        """Plan a post, or move it. Submitted for approval with that date where it may not go out without."""
        post = get_post(self.actor, pk)
        body = self.body(ScheduleIn)
        notices: list[str] = []
        at = instant(body.get("scheduled_at"), post.brand, notices)
        services.schedule_post(post=post, scheduled_at=at, now=body["now"], actor=self.actor)
        return self.answer(get_post(self.actor, pk), notices=notices)


class Cancel(EditorialAPIView):
    serializer_class = PostOut

    @extend_schema(request=CancelIn, responses=PostOut)
    def post(self, request: Request, pk: str, **_: Any) -> Response:
        """Give a post up; its deliveries are withdrawn."""
        services.cancel_post(post=get_post(self.actor, pk), **self.body(CancelIn), actor=self.actor)
        return self.answer(get_post(self.actor, pk))

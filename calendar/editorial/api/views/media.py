"""media, media/{id}, media/{id}/subtitles, media/{id}/subtitles/{language}."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from editorial.api.serializers import MediaIn, MediaOut, MediaPatch, SubtitlesIn, SubtitlesOut, SubtitlesText
from editorial.api.views.base import EditorialAPIView
from editorial.selectors.campaigns import get_media, get_subtitles, visible_media, with_subtitles
from editorial.services.media import delete_media, describe_media, too_large, upload_media
from editorial.services.subtitles import add_subtitles, read_file, remove_subtitles
from socialops.api.parsers import JSONParser
from socialops.uploads import was_refused
from teams.selectors.brands import get_brand


class Media(EditorialAPIView):
    serializer_class = MediaOut
    parser_classes = [MultiPartParser]
    without_request_transaction = True  # a video comes in for minutes

    def get(self, request: Request, **_: Any) -> Response:
        """Images, videos and documents, newest first; `brand` filters."""
        with self.scope():
            media = visible_media(self.actor)
            if request.query_params.get("brand"):
                media = media.filter(brand__slug=request.query_params["brand"])
            page = self.paginate_queryset(with_subtitles(media))
            return self.get_paginated_response(MediaOut(page, many=True).data)

    @extend_schema(request={"multipart/form-data": MediaIn}, responses={201: MediaOut})
    def post(self, request: Request, **_: Any) -> Response:
        """Upload an image, a video (MP4, MOV, WebM) or a document (PDF, Word, PowerPoint): `brand`, `file`, `alt_text`. Judged by its content; place and camera are removed."""
        if "file" not in request.data and was_refused(request._request):
            raise ValidationError({"file": ErrorDetail(too_large(), code="file")})
        body = self.body(MediaIn)
        file = body["file"]
        with self.scope():
            brand = get_brand(self.actor, body["brand"])
        asset = upload_media(
            brand=brand,
            file=file,
            filename=file.name or "",
            size=file.size or 0,
            alt_text=body.get("alt_text", ""),
            actor=self.actor,
        )
        with self.scope():
            return Response(MediaOut(asset).data, status=201)


class OneMedia(EditorialAPIView):
    serializer_class = MediaOut
    parser_classes = [JSONParser]

    def get(self, request: Request, pk: str, **_: Any) -> Response:
        return Response(MediaOut(get_media(self.actor, pk)).data)

    @extend_schema(request=MediaPatch, responses=MediaOut)
    def patch(self, request: Request, pk: str, **_: Any) -> Response:
        """Change the description."""
        asset = describe_media(asset=get_media(self.actor, pk), **self.body(MediaPatch), actor=self.actor)
        return Response(MediaOut(asset).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: str, **_: Any) -> Response:
        """Delete a file that no post carries."""
        delete_media(asset=get_media(self.actor, pk), actor=self.actor)
        return Response(status=204)


class Subtitles(EditorialAPIView):
    serializer_class = SubtitlesOut
    parser_classes = [MultiPartParser]

    @extend_schema(responses=SubtitlesOut(many=True))
    def get(self, request: Request, pk: str, **_: Any) -> Response:
        """A video's subtitles, by language; one in each at most."""
        return Response(SubtitlesOut(get_media(self.actor, pk).current_tracks, many=True).data)

    @extend_schema(request={"multipart/form-data": SubtitlesIn}, responses={201: SubtitlesOut})
    def post(self, request: Request, pk: str, **_: Any) -> Response:
        """Give a video subtitles, SRT or WebVTT: `language`, `file`. They replace those it has in that language. What was submitted or scheduled before keeps the ones it had."""
        body = self.body(SubtitlesIn)
        track = add_subtitles(
            asset=get_media(self.actor, pk), language=body["language"], data=read_file(body["file"]), actor=self.actor
        )
        return Response(SubtitlesOut(track).data, status=201)


class OneSubtitles(EditorialAPIView):
    serializer_class = SubtitlesText

    def get(self, request: Request, pk: str, language: str, **_: Any) -> Response:
        """With what they say, as WebVTT."""
        return Response(SubtitlesText(get_subtitles(self.actor, pk, language)).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: str, language: str, **_: Any) -> Response:
        """Remove them. What was submitted or scheduled before keeps them."""
        track = get_subtitles(self.actor, pk, language)
        remove_subtitles(asset=track.asset, language=track.language, actor=self.actor)
        return Response(status=204)

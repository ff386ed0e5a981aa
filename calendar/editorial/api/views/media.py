"""media, media/{id}."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from editorial.api.serializers import MediaIn, MediaOut, MediaPatch
from editorial.api.views.base import EditorialAPIView
from editorial.selectors.campaigns import get_media, visible_media
from editorial.services.media import delete_media, describe_media, too_large, upload_media
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
            page = self.paginate_queryset(media)
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

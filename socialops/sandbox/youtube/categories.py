"""Categories of videos: what may be assigned, and what only YouTube itself assigns."""

from __future__ import annotations

from typing import Final

import regex
from starlette.responses import Response

from socialops.sandbox.youtube.call import ApiError, Call, bad, listed

OWNER: Final = "UCBR8-60-B28hp2BmDPdntcQ"
ASSIGNABLE: Final = {
    "1": ("Film & Animation", "Films et animations"),
    "2": ("Autos & Vehicles", "Auto/Moto"),
    "10": ("Music", "Musique"),
    "15": ("Pets & Animals", "Animaux"),
    "17": ("Sports", "Sport"),
    "19": ("Travel & Events", "Voyages et événements"),
    "20": ("Gaming", "Jeux vidéo et autres"),
    "22": ("People & Blogs", "People et blogs"),
    "23": ("Comedy", "Humour"),
    "24": ("Entertainment", "Divertissement"),
    "25": ("News & Politics", "Actualités et politique"),
    "26": ("Howto & Style", "Vie pratique et style"),
    "27": ("Education", "Éducation"),
    "28": ("Science & Technology", "Science et technologie"),
    "29": ("Nonprofits & Activism", "Organisations à but non lucratif"),
}
OTHERS: Final = {
    "18": ("Short Movies", "Courts métrages"),
    "21": ("Videoblogging", "Blogs vidéo"),
    "30": ("Movies", "Films"),
}
REGION: Final = regex.compile(r"[A-Z]{2}")


async def list_categories(call: Call) -> Response:
    """By region or by id, exactly one of them; names in French where `hl` asks for it."""
    call.parts(("id", "snippet"))
    region, ids = call.query("regionCode"), call.many("id")
    if bool(region) == bool(ids):
        raise bad("missingRequiredParameter" if not region else "incompatibleParameters", "Give one of: id, regionCode")
    if region and not REGION.fullmatch(region):
        raise bad("invalidParameter", f"Invalid value '{region}' for regionCode.")
    french = call.query("hl").lower().startswith("fr")
    known = {**ASSIGNABLE, **OTHERS}
    if any(key not in known for key in ids):
        raise ApiError(
            404, "videoCategoryNotFound", "The video category cannot be found.", domain="youtube.videoCategory"
        )
    items = [
        {
            "kind": "youtube#videoCategory",
            "etag": f"sandbox-{key}",
            "id": key,
            "snippet": {"title": names[french], "assignable": key in ASSIGNABLE, "channelId": OWNER},
        }
        for key, names in sorted(known.items(), key=lambda item: int(item[0]))
        if not ids or key in ids
    ]
    return listed("videoCategory", items, total=len(items), page_size=len(items))

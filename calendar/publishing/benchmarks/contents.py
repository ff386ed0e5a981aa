"""The least that each network takes: a text where a text will do, else one image, else a short video; options it insists on as their first choice says."""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from publishing.benchmarks.film import FACTS, HEIGHT, WIDTH
from socialops.networks.data import network_data
from socialops.networks.options import fits
from socialops.networks.ports import Connector, Format, MediaKind, OptionKind

SIDE = 640  # pixels of the image
FOLDER = "bench"


def payload_of(
    connector: Connector, text: str, file: Mapping[str, Any] | None, limits: Mapping[str, Any]
) -> dict[str, Any]:
    """A `Delivery.payload`. `file` is what `file_for` gave."""
    media = [] if file is None else [dict(file)]
    kinds = {MediaKind.of(item["content_type"]) for item in media}
    options = {
        option.name: option.choices[0] if option.kind == OptionKind.CHOICE else text
        for option in connector.options(limits=limits)
        if option.required and fits(option, Format.POST, kinds)
    }
    return {"text": text, "language": "en", "options": options, "media": media}


def file_for(network: str) -> dict[str, Any] | None:
    """An item of a payload's media, its file stored; None where a text will do."""
    rule = network_data(network)["limits"]["media"]
    if not rule.get("required"):
        return None
    return _image() if "image" in rule.get("kinds", ("image",)) else _video()


def forget_files(files: list[dict[str, Any]]) -> None:
    for file in files:
        default_storage.delete(file["path"])


def _image() -> dict[str, Any]:
    content = io.BytesIO()
    Image.new("RGB", (SIDE, SIDE), "teal").save(content, "JPEG")
    return _stored(content.getvalue(), "image/jpeg", width=SIDE, height=SIDE, video=None)


def _video() -> dict[str, Any]:
    """Made in a process of its own: FFmpeg's libraries stay out of this one."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"
        subprocess.run([sys.executable, "-m", "publishing.benchmarks.film", str(path)], check=True)  # noqa: S603 -- our own command
        return _stored(path.read_bytes(), "video/mp4", width=WIDTH, height=HEIGHT, video=asdict(FACTS))


def _stored(content: bytes, content_type: str, **facts: Any) -> dict[str, Any]:
    name = f"{uuid.uuid4().hex}.{content_type.rpartition('/')[2]}"
    path = default_storage.save(f"{FOLDER}/{name}", ContentFile(content))
    about = {
        "key": "one",
        "content_type": content_type,
        "size": len(content),
        "alt_text": "A plain picture",
        "filename": name,
    }
    return {**about, **facts, "path": path}

"""Short films out of the brands' illustrations: a slow move across one of them, encoded when the demo is loaded."""

from __future__ import annotations

import io
import tempfile
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
from PIL import Image

from socialops.demo.images import HEIGHT, WIDTH

SECONDS: Final = 4
RATE: Final = 24
TALL, WIDE = (432, 768), (768, 432)


@dataclass(frozen=True, slots=True)
class Film:
    """`picture` is the illustration's name; `size` in pixels."""

    picture: str
    size: tuple[int, int] = TALL


FILMS: Final[dict[str, dict[str, Film]]] = {
    "maison-lumiere": {"soufflage": Film("atelier", WIDE), "baladeuse": Film("aurore")},
    "velo-citadin": {"roues": Film("velo"), "atelier": Film("ville", WIDE)},
    "cafe-riviera": {"tasse": Film("tasse"), "ferme": Film("origine")},
}


def shoot(film: Film, still: bytes) -> bytes:
    """MP4 (H.264, no sound), its index first; the muxer opens the file a second time for that, so it needs a name."""
    image = Image.open(io.BytesIO(still)).convert("RGB")
    with tempfile.TemporaryDirectory(prefix="socialops-") as folder:
        path = Path(folder) / "film.mp4"
        _encode(path, film, image)
        return path.read_bytes()


def _encode(path: Path, film: Film, image: Image.Image) -> None:
    frames = SECONDS * RATE
    with av.open(str(path), "w", format="mp4", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=RATE, options={"preset": "ultrafast", "crf": "26"})
        stream.width, stream.height = film.size
        stream.pix_fmt = "yuv420p"
        for number in range(frames):
            seen = image.resize(film.size, Image.Resampling.BILINEAR, box=_window(film, number / (frames - 1)))
            picture: av.VideoFrame = av.VideoFrame.from_image(seen)  # type: ignore[no-untyped-call]  # PyAV tells no types there
            frame = picture.reformat(format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def _window(film: Film, done: float) -> tuple[float, float, float, float]:
    """What is seen of the picture: it moves from one side to the other, in and out again a little."""
    width, height = film.size
    scale = min(WIDTH / width, HEIGHT / height) * (0.86 + 0.14 * abs(1 - 2 * done))
    across, down = width * scale, height * scale
    left, top = (WIDTH - across) * done, (HEIGHT - down) * (1 - done)
    return left, top, left + across, top + down

"""Three seconds of video, H.264 without sound: `python -m publishing.benchmarks.film TARGET` writes it."""

from __future__ import annotations

import sys
from fractions import Fraction

from socialops.networks.ports import VideoFacts

SECONDS, RATE, WIDTH, HEIGHT = 3, 25, 360, 640  # networks refuse what is shorter or smaller
FACTS = VideoFacts(SECONDS, "mp4", "h264", "", RATE, 0, streamable=True)


def main(target: str) -> None:
    import av  # noqa: PLC0415 -- in this process only
    from PIL import Image  # noqa: PLC0415 -- as above

    with av.open(target, "w", format="mp4", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=RATE, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        picture = Image.new("RGB", (WIDTH, HEIGHT), "teal")
        frame: av.VideoFrame = av.VideoFrame.from_image(picture)  # type: ignore[no-untyped-call]  # PyAV tells no types there
        frame = frame.reformat(format="yuv420p")
        for number in range(SECONDS * RATE):
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


if __name__ == "__main__":
    main(sys.argv[1])

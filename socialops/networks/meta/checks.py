"""What Facebook and Instagram have in common beyond `checks.check_content`."""

from __future__ import annotations

from collections.abc import Iterator

from socialops.networks.errors import Code
from socialops.networks.ports import Content, Format, Problem


def story_problems(content: Content) -> Iterator[Problem]:
    """A story shows its picture or video and nothing else: what would be dropped is refused."""
    if content.format != Format.STORY:
        return
    for field, given in (("text", content.text), ("link", content.link), ("first_comment", content.first_comment)):
        if given.strip():
            yield Problem(Code.NOT_SUPPORTED, field, {"format": str(Format.STORY)})

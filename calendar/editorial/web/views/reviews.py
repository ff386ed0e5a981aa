"""One post: what it says on each channel, its approval, its conversation, what became of it; and what waits for approval."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from editorial.enums import PostState
from editorial.errors import said_once
from editorial.models import Approval, Comment, Post, Revision
from editorial.selectors.access import not_their_own, on_post, visible
from editorial.selectors.content import problems_of
from editorial.selectors.posts import Loaded, get_post, load, told, variants_by_post
from editorial.services import posts as services
from editorial.services.comments import add_comment, resolve_comment
from editorial.states import DELETABLE, EDITABLE
from editorial.web.answers import back_to, or_toast
from editorial.web.composing import Composed
from publishing.errors import sentence_for
from publishing.models import Delivery
from publishing.selectors.deliveries import for_posts
from socialops.http import TenantRequest
from socialops.permissions.decision import Decision
from socialops.permissions.rights import Right
from socialops.ui.languages import language_name
from socialops.ui.listing import paginate
from socialops.ui.messages import toast
from teams.models import Brand


@dataclass(slots=True)
class Possible:
    """What this person may do with this post now; each a Decision whose refusal says why."""

    edit: bool
    write: Decision
    submit: Decision | None
    schedule: Decision | None
    unschedule: Decision | None
    cancel: Decision | None
    approve: Decision | None
    delete: Decision | None
    goes_out: bool


def possible(request: TenantRequest, loaded: Loaded) -> Possible:
    post, actor = loaded.post, request.actor
    state = PostState(post.state)
    write, submit, publish, approve = (
        on_post(actor, right, post, loaded.variants)
        for right in (Right.WRITE, Right.SUBMIT, Right.PUBLISH, Right.APPROVE)
    )
    own = not_their_own(actor, post)
    goes_out = post.brand.approval == Brand.Approval.NONE and bool(publish)
    waiting = {PostState.IDEA, PostState.DRAFT, PostState.CHANGES_REQUESTED, PostState.EXPIRED}
    planned = {PostState.SCHEDULED, PostState.ON_HOLD}
    return Possible(
        edit=state in EDITABLE,
        write=write,
        submit=submit if state in waiting and not (goes_out and post.scheduled_at) else None,
        schedule=publish if state == PostState.APPROVED or (state in waiting and goes_out) else None,
        unschedule=publish if state in planned else None,
        cancel=(publish if state in planned or state == PostState.FAILED else write)
        if state in EDITABLE and state not in DELETABLE
        else None,
        approve=(approve if not approve else own) if state == PostState.IN_REVIEW else None,
        delete=write if state in DELETABLE else None,
        goes_out=goes_out,
    )


@require_safe
def post(request: TenantRequest, organization: str, pk: int) -> HttpResponse:
    found = get_post(request.actor, pk)
    return render(request, "editorial/post.html", _page(request, found))


def _page(request: TenantRequest, found: Post, **more: Any) -> dict[str, Any]:
    loaded = load(found)
    composed = Composed.of_post(loaded, [], as_submitted=True).judge()
    composed.problems = []  # they stand above, with those of the channels
    problems = problems_of(found, loaded.variants, loaded.assets, loaded.channels)
    comments = list(Comment.objects.filter(post=found).order_by("pk"))
    return {
        "post": found,
        "composed": composed,
        "problems": said_once(problem for problem in problems if not problem.is_note),
        "deliveries": _deliveries(found, composed),
        "asking": loaded.asking,
        "approvals": list(Approval.objects.filter(post=found)[:10]),
        "threads": [
            (thread, [reply for reply in comments if reply.parent_id == thread.pk])
            for thread in comments
            if thread.parent_id is None
        ],
        "can": possible(request, loaded),
        "saved": request.GET.get("saved", ""),
        **more,
    }


def _deliveries(post: Post, composed: Composed) -> list[tuple[Delivery, str, datetime | None]]:
    """Each with what is wrong with it, and when it was corrected on the network, where what is live there differs from what the post says."""
    rows = for_posts([post.pk]).get(post.pk, [])
    said = {box.channel.pk: box.shown_text for box in composed.chosen}
    corrected = {
        row.pk: getattr(row, "corrected_at", None)
        for row in rows
        if row.deleted_at is None and row.payload.get("text") != said.get(row.channel_id)
    }
    return [(row, reason, corrected.get(row.pk)) for row, reason in with_reasons(rows)]


def with_reasons(deliveries: Iterable[Delivery]) -> list[tuple[Delivery, str]]:
    """Each delivery with the sentence that says what is wrong with it, "" when nothing is."""
    return [
        (row, sentence_for(row.error_kind, row.error_code, row.error_detail) if row.error_code else "")
        for row in deliveries
    ]


@require_POST
def act(request: TenantRequest, organization: str, pk: int, action: str) -> HttpResponse:
    """The buttons of a post. A refusal is a toast; a missing right a 403."""
    found = get_post(request.actor, pk)
    target = back_to(request, reverse("editorial:post", args=[organization, pk]))
    actor, data = request.actor, request.POST
    said = {
        "submit": _("Submitted: somebody else approves it now."),
        "approve": _("Approved."),
        "request-changes": _("Sent back with your comment."),
        "schedule": _("Scheduled."),
        "now": _("On its way."),
        "unschedule": _("Taken back: it will not go out."),
        "cancel": _("Cancelled: it will not go out."),
        "delete": _("Deleted."),
        "duplicate": _("Duplicated as a draft."),
    }
    if action not in said:
        raise Http404
    with or_toast(request):
        match action:
            case "submit":
                services.submit_post(post=found, actor=actor)
            case "approve":
                services.approve_post(
                    post=found, content_hash=data.get("content_hash", ""), comment=data.get("comment", ""), actor=actor
                )
            case "request-changes":
                services.request_changes(
                    post=found, content_hash=data.get("content_hash", ""), comment=data.get("comment", ""), actor=actor
                )
            case "schedule" | "now":
                services.schedule_post(post=found, now=action == "now", actor=actor)
            case "unschedule":
                services.unschedule_post(post=found, actor=actor)
            case "cancel":
                services.cancel_post(post=found, reason=data.get("reason", "")[:500], actor=actor)
            case "duplicate":
                target = reverse(
                    "editorial:post-edit", args=[organization, services.duplicate_post(post=found, actor=actor).pk]
                )
            case "delete":
                services.delete_draft(post=found, actor=actor)
                target = reverse("editorial:calendar", args=[organization])
        toast(request, said[action])
    return redirect(target)


@require_POST
def comment(request: TenantRequest, organization: str, pk: int) -> HttpResponse:
    found = get_post(request.actor, pk)
    parent = None
    if request.POST.get("parent", "").isdecimal():
        parent = get_object_or_404(Comment.objects.filter(post=found), pk=request.POST["parent"][:18])
    with or_toast(request):
        add_comment(post=found, text=request.POST.get("text", ""), parent=parent, actor=request.actor)
    return redirect(reverse("editorial:post", args=[organization, pk]) + "#comments")


@require_POST
def resolve(request: TenantRequest, organization: str, pk: int, comment: int) -> HttpResponse:
    found = get_post(request.actor, pk)
    thread = get_object_or_404(Comment.objects.select_related("post").filter(post=found), pk=comment)
    with or_toast(request):
        resolve_comment(comment=thread, resolved=thread.resolved_at is None, actor=request.actor)
    return redirect(reverse("editorial:post", args=[organization, pk]) + "#comments")


@dataclass(frozen=True, slots=True)
class Change:
    """A revision, and its shared text word by word against the one before: (kind, words), kind in same, gone, new."""

    revision: Revision
    words: list[tuple[str, str]]
    subtitles: list[str]  # what changed in those of its videos
    other: bool  # something else than the shared text and subtitles changed


@require_safe
def history(request: TenantRequest, organization: str, pk: int) -> HttpResponse:
    """Every saved version, what changed in it, and what second editors had typed."""
    found = get_post(request.actor, pk)
    revisions = list(Revision.objects.filter(post=found)[:101])
    changes = []
    for index, revision in enumerate(revisions[:100]):
        before = next((r for r in revisions[index + 1 :] if r.kind == "saved"), None)
        old = before.content if before else {}
        changes.append(
            Change(
                revision,
                _words(old.get("text", ""), revision.content["text"]),
                _subtitles(old, revision.content) if before else [],
                before is not None and _rest(old) != _rest(revision.content),
            )
        )
    return render(request, "editorial/history.html", {"post": found, "changes": changes})


def _files(content: dict[str, Any]) -> list[dict[str, Any]]:
    """All files of a frozen content, on whatever channel."""
    channels = [channel["media"] or () for channel in content.get("channels", ())]
    return [*content.get("media", ()), *chain.from_iterable(channels)]


def _subtitles(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """What became of subtitles between two frozen contents, of files that are in both."""
    before, after = ({file["id"]: file.get("subtitles", {}) for file in _files(content)} for content in (old, new))
    said = []
    for pk in before.keys() & after.keys():
        for language in sorted(before[pk].keys() | after[pk].keys()):
            was, now = before[pk].get(language), after[pk].get(language)
            if was == now:
                continue
            if was and now:
                words = _("%(language)s replaced")
            else:
                words = _("%(language)s added") if now else _("%(language)s removed")
            said.append(words % {"language": language_name(language)})
    return said


def _rest(content: dict[str, Any]) -> dict[str, Any]:
    """A frozen content without its shared text and subtitles."""

    def bare(files: list[dict[str, Any]] | None) -> list[dict[str, Any]] | None:
        return files and [{**file, "subtitles": None} for file in files]

    channels = [{**channel, "media": bare(channel["media"])} for channel in content.get("channels", ())]
    return {**content, "text": "", "media": bare(content.get("media")), "channels": channels}


def _words(old: str, new: str) -> list[tuple[str, str]]:
    before, after = old.split(" "), new.split(" ")
    if len(before) + len(after) > 4000:
        return [("gone", old), ("new", new)]
    words: list[tuple[str, str]] = []
    for kind, i1, i2, j1, j2 in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            words.append(("same", " ".join(before[i1:i2])))
            continue
        words += [(name, " ".join(part)) for name, part in (("gone", before[i1:i2]), ("new", after[j1:j2])) if part]
    return [(name, text) for name, text in words if text]


def waiting_for(request: TenantRequest) -> QuerySet[Post]:
    """Posts this person may approve: not their own; the most urgent first."""
    return (
        visible(request.actor, Right.APPROVE)
        .filter(state=PostState.IN_REVIEW)
        .exclude(author=request.user)
        .exclude(last_editor=request.user)
        .select_related("brand", "campaign", "author")
        .annotate(told=told())
        .order_by("scheduled_at", "submitted_at", "pk")
    )


@require_safe
def approvals(request: TenantRequest, organization: str) -> HttpResponse:
    if not request.actor.can_anywhere(Right.APPROVE):
        raise PermissionDenied(_("You may not approve posts. Ask an administrator of your organization."))
    page_obj = paginate(request, waiting_for(request), size=20)
    variants = variants_by_post(page_obj)
    rows = [(found, variants[found.pk]) for found in page_obj]
    return render(request, "editorial/approvals.html", {"page_obj": page_obj, "rows": rows})

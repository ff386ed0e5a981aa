"""The trade's roles: each with its mission, its rights, the screen it opens on, and whether it always ends.

Seeded into every organization as ordinary roles; names and missions are stored in English and shown in the reader's language (`Role.label`).
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

from socialops.permissions.rights import Right

ORGANIZATION_ADMIN = "organization_admin"

_READ = (Right.VIEW, Right.SEE_KPIS)
_DRAFT = (Right.VIEW, Right.WRITE, Right.SUBMIT)
_REPLY = (Right.REPLY_PUBLICLY, Right.REPLY_PRIVATELY, Right.MODERATE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One role of the catalogue. `name` and `mission` are untranslated sources; `persona` is a `Member.Persona` value."""

    key: str
    name: str
    mission: str
    rights: tuple[Right, ...]
    persona: str = "manager"
    needs_end_date: bool = False


CATALOGUE: tuple[Entry, ...] = (
    Entry(
        "social_media_manager",
        _("Social media manager"),
        _("Runs the brand's presence: plans, approves, publishes and answers for the results."),
        (
            *_DRAFT,
            *_REPLY,
            Right.APPROVE,
            Right.PUBLISH,
            Right.MANAGE_CHANNEL,
            Right.MANAGE_CAMPAIGNS,
            Right.SEE_KPIS,
            Right.EXPORT,
            Right.SUSPEND,
        ),
    ),
    Entry(
        "community_manager",
        _("Community manager"),
        _("Publishes day to day, answers the community and keeps conversations civil."),
        (*_DRAFT, *_REPLY, Right.PUBLISH, Right.SEE_KPIS),
    ),
    Entry(
        "communications_director",
        _("Communications director"),
        _("Guards the organization's voice and reputation: approves, decides, and can stop publishing."),
        (*_READ, Right.APPROVE, Right.EXPORT, Right.SUSPEND),
        persona="director",
    ),
    Entry(
        "digital_strategy_lead",
        _("Digital strategy lead"),
        _("Sets the editorial line and objectives across brands, and reads what the figures say about them."),
        (*_DRAFT, Right.APPROVE, Right.MANAGE_CAMPAIGNS, Right.SEE_KPIS, Right.EXPORT),
        persona="director",
    ),
    Entry(
        "web_marketing_lead",
        _("Web marketing lead"),
        _("Turns campaigns into visits and leads, and ties publications to business objectives."),
        (*_DRAFT, Right.PUBLISH, Right.MANAGE_CAMPAIGNS, Right.SEE_KPIS, Right.EXPORT),
    ),
    Entry(
        "content_writer",
        _("Content writer"),
        _("Writes posts in the brand's voice and submits them for approval."),
        _DRAFT,
    ),
    Entry(
        "designer",
        _("Designer"),
        _("Makes the images and layouts that posts go out with."),
        (Right.VIEW, Right.WRITE),
    ),
    Entry(
        "video_maker",
        _("Video maker"),
        _("Shoots, edits and captions the videos that posts go out with."),
        (Right.VIEW, Right.WRITE),
    ),
    Entry(
        "analyst",
        _("Analyst"),
        _("Measures what was published and what is said, and explains it."),
        (*_READ, Right.EXPORT),
        persona="director",
    ),
    Entry(
        "crisis_lead",
        _("Crisis lead"),
        _("Takes over when reputation is at stake: suspends publishing, approves statements, answers."),
        (*_DRAFT, *_REPLY, Right.APPROVE, Right.SUSPEND, Right.SEE_KPIS, Right.EXPORT),
        persona="director",
    ),
    Entry(
        "legal_reviewer",
        _("Legal reviewer"),
        _("Checks that what goes out respects the law and the brand's commitments."),
        (Right.VIEW, Right.APPROVE),
    ),
    Entry(
        "agency_guest",
        _("Agency guest"),
        _("Prepares content on behalf of the brand for the length of a contract."),
        (*_DRAFT, Right.SEE_KPIS),
        needs_end_date=True,
    ),
    Entry(
        "freelancer",
        _("Freelancer"),
        _("Contributes content for the length of an assignment."),
        _DRAFT,
        needs_end_date=True,
    ),
    Entry(
        ORGANIZATION_ADMIN,
        _("Organization admin"),
        _("Says who may do what, connects channels and keeps the settings; holds every right so as to grant any."),
        tuple(Right),
        persona="admin",
    ),
)
BY_KEY = {entry.key: entry for entry in CATALOGUE}

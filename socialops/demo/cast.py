"""Who is in the demo: the group, its brands, its people and their roles, and a neighbour who must see none of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from django.utils import timezone

from socialops.audit.models import record
from socialops.demo.content import typeset
from socialops.permissions.actor import Actor
from socialops.tenancy.scope import tenant
from teams.models import Brand, Member, Organization, Role
from teams.selectors.actors import actor_for
from teams.services.assignments import assign_role
from teams.services.members import edit_member
from teams.services.organizations import create_brand, create_organization, edit_brand
from teams.services.people import create_person

GROUP: Final = "lumiere"
PASSWORD: Final = "socialops-demo"  # noqa: S105 -- shown to everybody who starts the demo


@dataclass(frozen=True, slots=True)
class BrandPlan:
    """A brand; its accounts on the networks bear its name (the sandbox's seed)."""

    slug: str
    name: str
    approval: str
    languages: tuple[str, ...]
    colour: str
    voice: str


BRANDS: Final = (
    BrandPlan(
        slug="maison-lumiere",
        name="Maison Lumière",
        approval=Brand.Approval.REQUIRED,
        languages=("fr",),
        colour="#b4682a",
        voice=(
            "Chaleureuse et précise. On vouvoie, on nomme les matières et les gestes, on ne parle jamais de « must-have ». "
            "Deux émojis au plus."
        ),
    ),
    BrandPlan(
        slug="velo-citadin",
        name="Vélo Citadin",
        approval=Brand.Approval.REQUIRED,
        languages=("fr", "en"),
        colour="#2f7d5b",
        voice=(
            "Vive, concrète, complice : on tutoie. Des chiffres vérifiables, jamais de leçon de morale sur la voiture. "
            "En anglais : plain and friendly, British spelling."
        ),
    ),
    BrandPlan(
        slug="cafe-riviera",
        name="Café Riviera",
        approval=Brand.Approval.NONE,
        languages=("fr",),
        colour="#8a3b46",
        voice="Gourmande et solaire. Phrases courtes. On parle des gens qui torréfient autant que du café.",
    ),
)


@dataclass(frozen=True, slots=True)
class PersonPlan:
    """`brand` is a slug, "" for the whole organization; `days` until the role ends, 0 for never."""

    key: str
    name: str
    email: str
    role: str
    title: str
    brand: str = ""
    days: int = 0
    language: str = "fr"
    opens_on: str = "Today"


ADMIN: Final = PersonPlan(
    "nadia",
    "Nadia Benali",
    "nadia@lumiere.example",
    "organization_admin",
    "Responsable des systèmes d’information",
    opens_on="Team",
)
PEOPLE: Final = (
    PersonPlan(
        "claire",
        "Claire Fontaine",
        "claire@lumiere.example",
        "social_media_manager",
        "Responsable des réseaux sociaux",
    ),
    PersonPlan(
        "antoine",
        "Antoine Mercier",
        "antoine@lumiere.example",
        "communications_director",
        "Directeur de la communication",
        opens_on="Overview",
    ),
    ADMIN,
    PersonPlan(
        "theo",
        "Théo Lambert",
        "theo@lumiere.example",
        "community_manager",
        "Community manager",
        brand="velo-citadin",
    ),
    PersonPlan("sophie", "Sophie Legrand", "sophie@lumiere.example", "legal_reviewer", "Juriste"),
    PersonPlan(
        "hugo",
        "Hugo Marchand",
        "hugo@lumiere.example",
        "analyst",
        "Analyste de données",
        opens_on="Overview",
    ),
    PersonPlan(
        "emma",
        "Emma Wilson",
        "emma@agence-horizon.example",
        "agency_guest",
        "Account manager, Agence Horizon",
        brand="velo-citadin",
        days=91,
        language="en",
    ),
    PersonPlan(
        "ines",
        "Inès Caron",
        "ines@freelance.example",
        "freelancer",
        "Rédactrice indépendante",
        brand="cafe-riviera",
        days=10,
    ),
)
NEIGHBOUR: Final = PersonPlan(
    "elise",
    "Élise Vandamme",
    "elise@atelier-nord.example",
    "organization_admin",
    "Gérante",
    opens_on="Team",
)


@dataclass(frozen=True, slots=True)
class Cast:
    """What was made, by slug and by key. `actors` act with the rights their role gives them."""

    organization: Organization
    brands: dict[str, Brand]
    actors: dict[str, Actor]


def create_group() -> Cast:
    """Groupe Lumière with its brands and people. Every write but joining goes through the services, as Nadia."""
    organization = create_organization(
        slug=GROUP, name="Groupe Lumière", owner_email=ADMIN.email, owner_name=ADMIN.name, password=PASSWORD
    )
    with tenant(organization):
        nadia = _actor(organization, ADMIN)
        edit_member(member=nadia.member, title=ADMIN.title, actor=nadia)
        brands = _create_brands(organization, nadia)
        for person in PEOPLE:
            if person is not ADMIN:
                _join(person, organization, brands, nadia)
        actors = {person.key: _actor(organization, person) for person in PEOPLE}
    return Cast(organization, brands, actors)


def create_neighbour() -> Cast:
    """Atelier Nord: an organization of one."""
    organization = create_organization(
        slug="atelier-nord",
        name="Atelier Nord",
        owner_email=NEIGHBOUR.email,
        owner_name=NEIGHBOUR.name,
        password=PASSWORD,
    )
    with tenant(organization):
        elise = _actor(organization, NEIGHBOUR)
        edit_member(member=elise.member, title=NEIGHBOUR.title, actor=elise)
        brand = edit_brand(brand=Brand.objects.get(), slug="atelier-nord", colour="#3f5f8a", actor=elise)
    return Cast(organization, {brand.slug: brand}, {NEIGHBOUR.key: elise})


def _create_brands(organization: Organization, actor: Actor) -> dict[str, Brand]:
    """The brand that every organization starts with becomes the first one."""
    first = Brand.objects.get()
    brands: dict[str, Brand] = {}
    for plan in BRANDS:
        fields: dict[str, Any] = {
            "slug": plan.slug,
            "name": plan.name,
            "approval": plan.approval,
            "languages": list(plan.languages),
            "colour": plan.colour,
            "voice": typeset(plan.voice),
        }
        if plan is BRANDS[0]:
            brands[plan.slug] = edit_brand(brand=first, actor=actor, **fields)
        else:
            brands[plan.slug] = create_brand(organization=organization, actor=actor, **fields)
    return brands


def _join(person: PersonPlan, organization: Organization, brands: dict[str, Brand], actor: Actor) -> None:
    user = create_person(email=person.email, name=person.name, password=PASSWORD, language=person.language)
    member = Member.objects.create(user=user, title=person.title)
    record(actor=actor, action="member.joined", target=member, label=person.name)
    assign_role(
        member=member,
        role=Role.objects.get(catalogue_key=person.role),
        scope=brands[person.brand] if person.brand else organization,
        ends_at=_end(organization, person.days),
        actor=actor,
    )


def _end(organization: Organization, days: int) -> dt.datetime | None:
    """The midnight after that many days, in the organization's zone."""
    if not days:
        return None
    day = timezone.now().astimezone(organization.zone).date() + dt.timedelta(days=days + 1)
    return dt.datetime.combine(day, dt.time(), organization.zone)


def _actor(organization: Organization, person: PersonPlan) -> Actor:
    member = Member.objects.select_related("user").get(user__email=person.email)
    actor = actor_for(user=member.user, organization=organization)
    assert actor is not None
    return actor


def accounts_block() -> str:
    """One account a line, for whoever just started the demo."""
    rows = [(person.email, person.name, _role(person)) for person in (*PEOPLE, NEIGHBOUR)]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    lines = [f"  {email:<{widths[0]}}  {PASSWORD}  {name:<{widths[1]}}  {role}" for email, name, role in rows]
    return "\n".join(["Accounts (e-mail, password, who):", *lines])


def _role(person: PersonPlan) -> str:
    where = next((brand.name for brand in BRANDS if brand.slug == person.brand), "")
    until = f", for {person.days} days" if person.days else ""
    place = f" of {where}" if where else " of Atelier Nord" if person is NEIGHBOUR else ""
    return f"{person.role.replace('_', ' ')}{place}{until}: opens on {person.opens_on}"

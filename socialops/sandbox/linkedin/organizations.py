"""Pages and people: who may do what where, what they are called, how many follow."""

from __future__ import annotations

from typing import Any, Final

from socialops.sandbox.linkedin.call import ROLES, Call, LinkedInError, account_of, denied, gone, roles_of, urn_of
from socialops.sandbox.models import LINKEDIN, Account, Record
from socialops.sandbox.world import World

NAMES: Final = "linkedin:names"  # setting: whether our app may read people's names; "open" or "closed"


def give_role(world: World, member: str, page: str, *roles: str) -> None:
    """Exactly these roles there; none takes them away."""
    key = f"{ROLES}:{member}:{page}"
    if roles:
        world.records.put(Record(key, member, ROLES, "", {"page": page, "roles": list(roles)}, world.now()))
    elif key in world.records:
        world.records.remove(key)


def pages_of(world: World, member: str) -> list[tuple[str, str]]:
    """(Page, role), one for each role."""
    held = [r.value for r in world.records if r.collection == ROLES and r.account_id == member]
    return [(value["page"], role) for value in held for role in value["roles"] if value["page"] in world.accounts]


async def acls(call: Call) -> dict[str, Any]:
    call.need("rw_organization_admin")
    if call.text("q") != "roleAssignee":
        raise LinkedInError(400, "ILLEGAL_ARGUMENT", f"unknown finder {call.query['q']!r}")
    wanted = call.query.get("role")
    rows = [
        {"organization": page, "role": role, "roleAssignee": call.member.id, "state": "APPROVED"}
        for page, role in pages_of(call.world, call.member.id)
        if wanted in (None, role)
    ]
    return call.paged(rows, default=10, most=100)


def page_json(call: Call, page: Account) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": int(page.id.rpartition(":")[2]),
        "localizedName": page.name,
        "vanityName": page.handle,
        "localizedWebsite": f"https://{page.handle}.example",
        "primaryOrganizationType": "NONE",
    }
    if call.roles(page.id):
        body["localizedDescription"] = page.note
    return body


def _page(call: Call, number: str) -> Account:
    account = call.world.accounts.get(f"urn:li:organization:{number}")
    if account is None or account.network != LINKEDIN or urn_of(account) != account.id:
        raise gone(f"organization {number}")
    return account


async def organization(call: Call) -> dict[str, Any]:
    page = _page(call, str(call.path[1]))
    if not call.roles(page.id):
        raise denied("organizations.GET.20260901")
    return page_json(call, page)


async def by_vanity_name(call: Call) -> dict[str, Any]:
    account = call.world.find_account(LINKEDIN, call.text("vanityName"))
    pages = [account] if account is not None and urn_of(account) == account.id and account.role != "person" else []
    return call.paged([page_json(call, page) for page in pages], default=10, most=10)


async def lookup(call: Call) -> dict[str, Any]:
    results, errors = {}, {}
    for number in call.query["ids"]:
        try:
            results[str(number)] = page_json(call, _page(call, str(number)))
        except LinkedInError as error:
            errors[str(number)] = error.body
    return {"results": results, "statuses": dict.fromkeys(results, 200), "errors": errors}


def person_json(account: Account) -> dict[str, Any]:
    first, _, last = account.name.partition(" ")
    return {
        "id": urn_of(account).rpartition(":")[2],
        "localizedFirstName": first,
        "localizedLastName": last,
        "vanityName": account.handle,
        "localizedHeadline": "",
    }


async def people(call: Call) -> dict[str, Any]:
    """Several by their ids, for approved partners."""
    if call.world.setting(NAMES, "open") != "open":
        raise denied("people.BATCH_GET.20260901")
    results = {}
    for key in call.query["ids"]:
        account = account_of(call.world, f"urn:li:person:{key['id']}")
        if account is not None:
            results[f"(id:{key['id']})"] = person_json(account)
    return {"results": results, "statuses": dict.fromkeys(results, 200), "errors": {}}


async def network_size(call: Call) -> dict[str, Any]:
    if call.text("edgeType") not in {"COMPANY_FOLLOWED_BY_MEMBER", "CompanyFollowedByMember"}:
        raise LinkedInError(400, "INVALID_VALUE_FOR_FIELD", "/edgeType")
    return {"firstDegreeSize": _page(call, str(call.path[1]).rpartition(":")[2]).followers}


def is_administrator(call: Call, page: str) -> bool:
    return "ADMINISTRATOR" in roles_of(call.world, call.member.id, page)

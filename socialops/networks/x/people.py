"""People tagged in pictures: typed by their user names, sent by their ids. https://docs.x.com/x-api/users/get-users-by-usernames"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from socialops.networks.data import network_data
from socialops.networks.errors import Code, ValidationError
from socialops.networks.options import applies, options_of
from socialops.networks.ports import Content, Problem, Target
from socialops.networks.x.answers import NETWORK, call, charge_reads, rows_of

OPTION = "tagged_people"
USER_NAME = re.compile(r"[A-Za-z0-9_]{1,15}")  # as X's document has it


def names_of(content: Content) -> list[str]:
    """User names of who is tagged, each once; none where there is no picture."""
    option = next(option for option in options_of(NETWORK) if option.name == OPTION)
    typed = content.options.get(OPTION) or () if applies(option, content) else ()
    names = [name for text in typed if (name := str(text).strip().removeprefix("@"))]
    return list({name.lower(): name for name in names}.values())


def check(content: Content) -> Iterator[Problem]:
    if not isinstance(content.options.get(OPTION) or (), list | tuple):
        return  # said already: it is no list
    names, most = names_of(content), network_data(NETWORK)[OPTION]["max"]
    if len(names) > most:
        yield Problem(Code.OPTION_TOO_LONG, "options", {"option": OPTION, "length": len(names), "limit": most})
    if impossible := [name for name in names if not USER_NAME.fullmatch(name)]:
        yield Problem(Code.PERSON_UNKNOWN, "options", {"option": OPTION, "names": ", ".join(impossible)})


def ids_of(target: Target, content: Content) -> list[str]:
    """ValidationError person_unknown for a name that is nobody's."""
    names = names_of(content)
    known = known_ids(target, names)
    if missing := [name for name in names if name.lower() not in known]:
        raise ValidationError(
            Code.PERSON_UNKNOWN, detail={"field": "options", "option": OPTION, "names": ", ".join(missing)}
        )
    return [known[name.lower()] for name in names]


def known_ids(target: Target, names: list[str]) -> Mapping[str, str]:
    """Ids by user name in small letters, of those there are; each person is billed."""
    if not names:
        return {}
    answer = call(target, "GET", "/2/users/by", params={"usernames": ",".join(names)}, bucket="users")
    charge_reads(target, answer)
    return {str(row.get("username")).lower(): str(row.get("id")) for row in rows_of(answer)}

"""What the screens of channels say: what a missing permission disables, what is left of a limit, how a channel is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from socialops.networks.data import disabled_by, network_data
from socialops.permissions.actor import Actor
from socialops.permissions.rights import Right
from socialops.ui.buckets import OF_PUBLICATIONS, SHARES, bucket_word
from socialops.ui.formats import show_number
from socialops.ui.networks import NETWORK_NAMES
from teams.errors import reason_sentence
from teams.models import Channel
from teams.signals import ChannelFacts

EXPIRES_SOON = timedelta(days=7)
LOW, SPENT = 0.2, 0  # shares of a limit

CAPABILITIES: Mapping[str, Promise] = {
    "publish": pgettext_lazy("what can't be done", "publishing"),
    "read": pgettext_lazy("what can't be done", "reading comments and mentions"),
    "reply": pgettext_lazy("what can't be done", "replying"),
    "moderate": pgettext_lazy("what can't be done", "hiding and deleting comments"),
    "measure": pgettext_lazy("what can't be done", "reading figures"),
    "message": pgettext_lazy("what can't be done", "private messages"),
    "locate": pgettext_lazy("what can't be done", "saying where a post is"),
    "share": pgettext_lazy("what can't be done", "sharing a post as a story"),
}

_WINDOWS: Mapping[str, Promise] = {
    "rolling_15min": gettext_lazy("over 15 minutes"),
    "rolling_hour": gettext_lazy("over an hour"),
    "rolling_24h": gettext_lazy("over 24 hours"),
    "utc_day": gettext_lazy("a day, counted in UTC"),
    "pacific_day": gettext_lazy("a day, counted in Pacific time"),
    "month": gettext_lazy("a month"),
}


def cannot(network: str, missing_scopes: Iterable[str]) -> str:
    """What these missing permissions disable, as a list to read: "replying and reading figures"; "" when nothing we do."""
    return get_text_list([str(CAPABILITIES[what]) for what in disabled_by(network, missing_scopes)], _("and"))


@dataclass(frozen=True, slots=True)
class MissingScope:
    """A permission the network did not give; `disables` in words, "" when nothing we do needs it alone."""

    scope: str
    disables: str


def missing_scopes(network: str, scopes: Iterable[str]) -> list[MissingScope]:
    return [MissingScope(scope, cannot(network, [scope])) for scope in scopes]


@dataclass(frozen=True, slots=True)
class QuotaShown:
    """One limit of a channel. `tone` is a badge's; `window` says over what it is counted, "" when nobody says; `resets_at` only in the future."""

    bucket: str
    label: str
    remaining: int | None
    limit: int | None
    window: str
    resets_at: datetime | None
    tone: str

    @property
    def known(self) -> bool:
        return self.remaining is not None

    @property
    def left(self) -> str:
        """What is left, as a sentence's part."""
        if self.bucket in SHARES and self.remaining is not None and self.limit:
            return show_number(self.remaining / self.limit, unit="%")
        shown = {"left": show_number(self.remaining), "limit": show_number(self.limit)}
        return (_("%(left)s of %(limit)s") if self.limit else _("%(left)s left")) % shown


def quotas_shown(channel: Channel, facts: ChannelFacts, *, now: datetime | None = None) -> list[QuotaShown]:
    """What is left: the tightest first; of those that are far from their end, the publications first. A reading whose window has ended says that all is there again."""
    now = now or timezone.now()
    windows = network_data(channel.network).get("quotas", {})
    shown = []
    for quota in facts.quotas:
        ended = quota.resets_at is not None and quota.resets_at <= now
        remaining = quota.limit if ended else quota.remaining
        window = str(windows.get(quota.bucket, {}).get("window", ""))
        shown.append(
            QuotaShown(
                bucket=quota.bucket,
                label=bucket_word(quota.bucket),
                remaining=remaining,
                limit=quota.limit,
                window=str(_WINDOWS.get(window, "")),
                resets_at=None if ended else quota.resets_at,
                tone=_tone(_share(remaining, quota.limit)),
            )
        )
    return sorted(shown, key=_urgency)


def _urgency(quota: QuotaShown) -> tuple[float, bool, float]:
    share = _share(quota.remaining, quota.limit)
    return min(share, LOW), quota.bucket not in OF_PUBLICATIONS, share


def _share(remaining: int | None, limit: int | None) -> float:
    return 1.0 if remaining is None or not limit else remaining / limit


def _tone(share: float) -> str:
    if share <= SPENT:
        return "danger"
    return "warning" if share < LOW else "neutral"


@dataclass(frozen=True, slots=True)
class Health:
    """A channel as the screens show it. `tone` and `shape` are a badge's; `note` says what is wrong and what to do, "" when all is well."""

    channel: Channel
    label: str
    tone: str
    shape: str
    note: str
    expires_at: datetime | None
    can_manage: bool
    quotas: tuple[QuotaShown, ...] = ()
    cost: Decimal | None = None
    dependents: int = 0
    publishers: tuple[str, ...] = ()

    @property
    def well(self) -> bool:
        return not self.note

    @property
    def hint(self) -> str:
        """Gentler than `note`: nothing stops, and only those who manage the channel read it. Needs the channel's owner loaded."""
        return owner_hint(self.channel) if self.can_manage else ""

    @property
    def tightest(self) -> QuotaShown | None:
        return next((quota for quota in self.quotas if quota.known), None)


def health_of(
    channel: Channel,
    *,
    actor: Actor,
    expires_at: datetime | None,
    facts: ChannelFacts | None = None,
    publishers: tuple[str, ...] = (),
) -> Health:
    """What is known of a channel's access to its network, in words."""
    label, tone, shape, note = _("Connected"), "success", "check", ""
    if channel.status == Channel.Status.DISCONNECTED:
        label, tone, shape = _("Disconnected"), "neutral", "dash"
    elif channel.status == Channel.Status.NEEDS_RECONNECTION:
        label, tone, shape = _("Reconnect"), "danger", "warning"
        note = reason_sentence(channel.status_reason, network=NETWORK_NAMES[channel.network])
        note = note or _("Reconnect the channel.")
    elif channel.missing_scopes:
        label, tone, shape = _("Permissions missing"), "warning", "warning"
        note = _missing_note(channel)
    elif expires_at is not None and expires_at - timezone.now() < EXPIRES_SOON:
        label, tone, shape = _("Expires soon"), "warning", "warning"
        note = _("Reconnect before its access ends.")
    can_manage = bool(actor.can(Right.MANAGE_CHANNEL, channel))
    facts = facts or ChannelFacts()
    return Health(
        channel=channel,
        label=label,
        tone=tone,
        shape=shape,
        note=note,
        expires_at=expires_at,
        can_manage=can_manage,
        quotas=tuple(quotas_shown(channel, facts)),
        cost=facts.cost,
        dependents=facts.dependents,
        publishers=publishers,
    )


def owner_hint(channel: Channel) -> str:
    """What a channel lacks when nobody answers for its account; "" when somebody does."""
    if channel.status == Channel.Status.DISCONNECTED:
        return ""
    if channel.owner is None:
        return _("Nobody answers for this account yet.")
    if not channel.owner.is_active:
        return _("%(name)s, who answered for this account, has left.") % {"name": channel.owner}
    return ""


def _missing_note(channel: Channel) -> str:
    disabled = cannot(channel.network, channel.missing_scopes)
    if disabled:
        return _("Not possible here: %(what)s. Reconnect and accept all that is asked.") % {"what": disabled}
    return _("Reconnect and accept: %(scopes)s.") % {"scopes": ", ".join(channel.missing_scopes)}

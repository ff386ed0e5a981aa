from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PublishingConfig(AppConfig):
    name = "publishing"

    def ready(self) -> None:
        from publishing import receivers  # noqa: F401, PLC0415 -- connects, once apps are loaded
        from publishing.services.heartbeats import check_dispatcher, check_workers  # noqa: PLC0415 -- as above
        from socialops.bench.registry import register as register_benchmark  # noqa: PLC0415 -- as above
        from socialops.health import checks  # noqa: PLC0415 -- as above
        from socialops.notifications.kinds import register_kind  # noqa: PLC0415 -- as above

        self._fill_rail()
        register_benchmark("publishing", "publishing.benchmarks.run:publishing")
        checks.register("dispatcher", check_dispatcher)
        checks.register("workers", check_workers)
        register_kind(
            "delivery.failed",
            title=_("“%(label)s” did not go out on %(channel)s: %(reason)s"),
            plural=_("%(count)s posts did not go out on %(channel)s: %(reason)s"),
            label=_("A post failed"),
            by_mail=True,
        )
        register_kind(
            "delivery.missed",
            title=_("“%(label)s” missed its time on %(channel)s: decide whether it still goes out."),
            plural=_("%(count)s posts missed their time on %(channel)s: decide whether they still go out."),
            label=_("A post missed its time"),
            by_mail=True,
        )
        register_kind(
            "delivery.unconfirmed",
            title=_("Is “%(label)s” live on %(channel)s? The network's answer was lost: please look."),
            label=_("A post may or may not be live"),
            by_mail=True,
        )
        register_kind(
            "channel.token_expiring",
            title=_("Access to %(channel)s ends on %(date)s and %(waiting)s posts depend on it: reconnect it before."),
            label=_("Access to a channel ends soon"),
            by_mail=True,
        )

        register_kind(
            "quota.forecast",
            title=_("%(channel)s: %(planned)s are planned within 24 hours, the network allows %(left)s more."),
            label=_("The plan does not fit a network’s quota"),
        )
        register_kind(
            "budget.forecast",
            title=_("%(network)s: with what is planned, the month comes to %(cost)s $, the ceiling is %(budget)s $."),
            label=_("The plan does not fit a network’s budget"),
            by_mail=True,
        )

    @staticmethod
    def _fill_rail() -> None:
        from publishing.web.rail import attention_rows, banners  # noqa: PLC0415 -- once apps are loaded
        from socialops.ui import navigation  # noqa: PLC0415 -- as above

        navigation.register_rail_provider(navigation.BANNERS, banners)
        navigation.register(
            navigation.NavItem(
                key="attention",
                label=_("To fix"),
                url_name="publishing:attention",
                icon="alert-triangle",
                section="today",
                personas=("manager",),
                order=30,
                right="publish",
                count=attention_rows,
            )
        )
        navigation.register(
            navigation.NavItem(
                key="suspensions",
                label=_("Suspensions"),
                url_name="publishing:suspensions",
                icon="player-pause",
                section="listen",
                personas=("director",),
                order=80,
                right="suspend",
            )
        )
        navigation.register(
            navigation.NavItem(
                key="costs",
                label=_("Costs and quotas"),
                url_name="publishing:costs",
                icon="activity",
                section="settings",
                personas=("admin",),
                order=15,
                right="manage_channel",
            )
        )

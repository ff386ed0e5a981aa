"""Where figures stand in the navigation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from socialops.ui.navigation import NavItem, register

register(
    NavItem(
        key="overview",
        label=_("Overview"),
        url_name="kpis:overview",
        icon="dashboard",
        section="today",
        personas=("director",),
        order=5,
        right="see_kpis",
    )
)
register(
    NavItem(
        key="figures",
        label=_("Figures"),
        url_name="kpis:figures",
        icon="chart-bar",
        section="measure",
        personas=("manager", "director"),
        order=10,
        right="see_kpis",
    )
)

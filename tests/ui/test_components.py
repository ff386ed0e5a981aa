"""Each component renders, tells the truth in both languages, and refuses a misspelt argument."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.paginator import Paginator
from django.template import TemplateSyntaxError, engines
from django.test import RequestFactory
from django.utils import timezone, translation

from socialops.ui.charts import ChartData, Mark, Series
from socialops.ui.icons import UnknownIconError
from socialops.ui.messages import toast

MOMENT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
CHART = ChartData(
    x=["2026-11-01", "2026-11-02"],
    series=[Series("Now", [12, None], emphasis=True), Series("Before", [9, 11])],
    x_kind="date",
    marks=[Mark("2026-11-02", "Campaign starts")],
)


class Form(forms.Form):
    name = forms.CharField(help_text="Shown to everybody.")
    note = forms.CharField(required=False)
    days = forms.MultipleChoiceField(choices=[("a", "A")], widget=forms.CheckboxSelectMultiple, required=False)


def _request(query: str = "") -> Any:
    request: Any = RequestFactory().get(f"/list/{query}")
    request._messages = CookieStorage(request)
    return request


def render(source: str, *, query: str = "", **context: Any) -> str:
    request = context.pop("request", None) or _request(query)
    return engines["django"].from_string(source).render(context, request).strip()


# Every tag with what it needs, and a piece of what it must say.
TAGS = {
    '{% icon "calendar" label="Day" %}': 'aria-label="Day"',
    '{% network_icon "bluesky" %}': 'aria-label="Bluesky"',
    '{% network_icon "x" label=False %}': '<i class="net net-x"></i>',
    '{% network_name "linkedin" %}': "LinkedIn",
    '{% badge text="Guest" tone="info" shape="dot" %}': '<span class="pill t-info s-dot">Guest</span>',
    '{% post_status "in_review" %}': "In review",
    '{% delivery_status "unconfirmed" %}': "To be checked",
    '{% health_dot "down" %}': "Disconnected",
    '{% brand_time moment "Europe/Paris" %}': "Tue 24 Nov, 09:30 CET",
    "{% number 1234 %}": "1,234",
    '{% avatar name="Zoé Le Goff" %}': ">ZL<",
    '{% button label="Save" variant="primary" icon="check" %}': 'type="submit"',
    '{% button label="Open" opens="panel" %}': 'type="button" data-opens="panel"',
    '{% empty_state title="Nothing yet" action_label="Start" action_url="/x/" %}': 'href="/x/"',
    '{% kpi_tile label="Reach" value=None missing="Not given." %}': "Not given.",
    '{% kpi_tile label="Rate" value=0.0427 unit="%" decimals=1 delta=0.2 note="÷ impressions" trend=trend %}': "4.3%",
    '{% chart kind="line" data=chart title="A day" %}': 'data-controller="chart"',
    '{% copy_field value="abc" label="Link" %}': 'value="abc"',
    '{% progress value=3 max=7 label="Done" %}': '<progress value="3" max="7">',
    "{% skeleton lines=2 %}": "<span></span><span></span>",
    '{% panel_head title="Details" %}': "data-closes",
    "{% toasts %}": 'aria-live="polite"',
    '{% th label="Name" sort="name" %}': 'href="?sort=name"',
    "{% pagination page %}": 'aria-current="page"',
    "{% form_field form.name %}": 'aria-describedby="id_name_helptext id_name_error"',
    "{% form_errors form %}": 'href="#id_name"',
    '{% page_header title="Members" %}<a>New</a>{% endpage_header %}': "<h1>Members</h1>",
    '{% banner tone="danger" title="Stop." %}Now{% endbanner %}': 'role="alert"',
    '{% tabs label="Views" %}{% tab label="All" url="/a/" current=True count=3 %}{% endtabs %}': 'aria-current="page"',
    '{% menu label="More" hide_label=True %}{% menu_item label="Go" url="/g/" method="post" %}{% endmenu %}': 'method="post"',
    '{% drawer id="d" title="T" %}body{% enddrawer %}': '<dialog class="drawer" id="d"',
    '{% dialog id="d" title="T" %}body{% enddialog %}': '<dialog class="modal" id="d"',
    '{% listing id="rows" %}{% filters %}f{% endfilters %}{% endlisting %}': 'data-controller="listing"',
    '{% table caption="People" %}<tr></tr>{% endtable %}': "People</caption>",
}


def _context() -> dict[str, Any]:
    return {
        "moment": MOMENT,
        "chart": CHART,
        "trend": [1, 3, None, 2],
        "page": Paginator(range(90), 10).get_page(2),
        "form": Form({"name": ""}),
    }


@pytest.fixture(autouse=True)
def _in_that_year(monkeypatch: pytest.MonkeyPatch) -> None:
    """Moments of another year are written with it."""
    monkeypatch.setattr(timezone, "now", lambda: MOMENT + timedelta(days=1))


@pytest.mark.parametrize(("source", "said"), TAGS.items())
def test_renders(source: str, said: str) -> None:
    assert said in render(source, **_context())


@pytest.mark.parametrize("source", TAGS)
def test_misspelt_argument_fails(source: str) -> None:
    wrong = source.replace(" %}", ' levle="danger" %}', 1)
    with pytest.raises(TemplateSyntaxError):
        render(wrong, **_context())


def test_unknown_icon_fails() -> None:
    with pytest.raises(UnknownIconError, match=r"icons\.json"):
        render('{% icon "calendra" %}')


@pytest.mark.parametrize(
    "source",
    [
        '{% badge text="x" tone="red" %}',
        '{% post_status "sent" %}',
        '{% delivery_status "done" %}',
        '{% network_icon "myspace" %}',
        '{% button label="x" variant="big" %}',
        '{% chart kind="pie" data=chart title="x" %}',
    ],
)
def test_unknown_look_fails(source: str) -> None:
    with pytest.raises(TemplateSyntaxError):
        render(source, **_context())


def test_times_are_in_the_brands_zone() -> None:
    brand = SimpleNamespace(time_zone="America/New_York")
    assert ">Tue 24 Nov, 03:30 EST<" in render("{% brand_time moment brand %}", moment=MOMENT, brand=brand)
    assert ">Tue 24 Nov, 12:30 UTC+4<" in render('{% brand_time moment "Asia/Dubai" %}', moment=MOMENT)
    assert render('{% brand_time none "Asia/Dubai" %}', none=None) == "—"
    with translation.override("fr"):
        said = render('{% brand_time moment "Europe/Paris" style="long" %}', moment=MOMENT)
    assert ">mardi 24 novembre 2026 à 09:30 CET<" in said
    assert 'datetime="2026-11-24T09:30+01:00"' in said


def test_a_time_without_a_zone_fails() -> None:
    with pytest.raises(TypeError, match="needs a brand or a zone"):
        render("{% brand_time moment brand %}", moment=MOMENT, brand=None)


def test_missing_is_never_zero() -> None:
    said = render("{% number value %}{% number zero %}", value=None, zero=0)
    assert said == "—0"
    with translation.override("fr"):
        assert render('{% number value unit="%" decimals=1 %}', value=Decimal("0.1234")) == "12,3\u00a0%"
        assert render("{% number value %}", value=12480) == "12\u202f480"


def test_falling_is_good_where_less_is_better() -> None:
    source = '{% kpi_tile label="Delay" value=38 unit="min" delta=delta better="down" %}'
    assert "kpi-delta good" in render(source, delta=-0.2)
    assert "kpi-delta bad" in render(source, delta=0.2)
    assert "−20%" in render(source, delta=-0.2)


def test_what_was_typed_stays_and_is_escaped() -> None:
    form = Form({"name": "", "note": "<b>kept</b>"})
    said = render("{% form_field form.note %}{% form_field form.name %}", form=form)
    assert "&lt;b&gt;kept&lt;/b&gt;" in said
    assert 'aria-invalid="true"' in said
    assert "optional" in said.split("</div>")[0]


def test_components_escape_what_people_write() -> None:
    evil = "<script>alert(1)</script>"
    source = (
        "{% page_header title=evil subtitle=evil %}{{ evil }}{% endpage_header %}{% badge text=evil %}"
        "{% avatar name=evil %}{% button label=evil href=evil %}{% kpi_tile label=evil value=1 %}"
        '{% chart kind="bar" data=chart title=evil %}{% menu label=evil %}{{ evil }}{% endmenu %}'
    )
    chart = ChartData(x=[evil], series=[Series(evil, [1])])
    assert "<script>alert" not in render(source, evil=evil, chart=chart)


def test_sort_link_turns_round_and_forgets_the_page() -> None:
    assert 'href="?sort=-name&amp;q=z"' in render('{% th label="Name" sort="name" %}', query="?sort=name&q=z&page=3")
    assert 'aria-sort="descending"' in render('{% th label="Name" sort="name" %}', query="?sort=-name")


def test_chart_has_a_table_that_says_the_same() -> None:
    said = render('{% chart kind="line" data=chart title="A day" %}', chart=CHART)
    assert '<th scope="row">2 Nov</th><td class="num">—</td><td class="num">11</td>' in said
    assert '"marks": [{"x": 1, "text": "Campaign starts"}]' in said


def test_chart_of_nothing_says_so() -> None:
    said = render(
        '{% chart kind="line" data=chart title="A day" %}', chart=ChartData(x=["a"], series=[Series("b", [None])])
    )
    assert "No figures for this period." in said
    assert "data-controller" not in said


def test_series_must_be_as_long_as_the_axis() -> None:
    with pytest.raises(ValueError, match="1 values for 2 points"):
        ChartData(x=["a", "b"], series=[Series("c", [1])])


def test_toast_offers_undo_once() -> None:
    request = _request()
    toast(request, "Post moved.", undo_url="/o/x/undo/1/")
    said = render("{% toasts oob=True %}", request=request)
    assert 'action="/o/x/undo/1/"' in said
    assert 'hx-swap-oob="beforeend"' in said
    assert request._messages.used, "a message that was shown is not shown again on the next page"


def test_states_speak_french() -> None:
    with translation.override("fr"):
        assert "À corriger" in render('{% post_status "changes_requested" %}')
        assert "À vérifier" in render('{% delivery_status "unconfirmed" %}')


def test_the_table_twin_of_a_chart_is_exact_and_escaped() -> None:
    data = ChartData(x=["<b>", "2"], series=[Series("A", [123456, None]), Series("B", [-1234, 0.5])], decimals=1)
    with translation.override("fr"):
        assert data.rows() == (
            '<tr><th scope="row">&lt;b&gt;</th><td class="num">123\u202f456</td><td class="num">-1\u202f234</td></tr>'
            '<tr><th scope="row">2</th><td class="num">—</td><td class="num">0,5</td></tr>'
        )

"""The page where a person lets an application in, the same on every network."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from socialops.sandbox.html import Html, join, language, page, render, word
from socialops.sandbox.models import LABELS, Account


def consent_page(
    request: Request,
    *,
    network: str,
    app: str,
    scopes: list[str],
    fields: dict[str, str],
    accounts: list[Account],
    handles: list[str],
    redirect_uri: str,
    chosen: str = "",
    pages: list[Account] | None = None,
    declinable: bool = False,
) -> Response:
    """`fields` come back with the form as they are; `pages` may be ticked one by one, and the `scopes` too where they are `declinable`."""
    lang = language(request)
    chosen = chosen or (accounts[0].id if accounts else "")
    choices = [
        _choice("radio", "account", a, handle, checked=a.id == chosen)
        for a, handle in zip(accounts, handles, strict=True)
    ]
    ticks = join(_choice("checkbox", "pages", p, "", checked=True) for p in pages or [])
    legend = escape(word(lang, "consent_pages", app=app))
    title = word(lang, "consent_title", app=app)
    body = render(
        "consent.html",
        action=request.url.path,
        title=title,
        lead=word(lang, "consent_lead", app=app, network=LABELS[network]),
        scopes=join(_scope(scope, declinable=declinable) for scope in scopes),
        hidden=join(
            Html(f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">')
            for name, value in fields.items()
        ),
        account_label=word(lang, "consent_account"),
        accounts=join(choices),
        pages=Html(f"<fieldset><legend>{legend}</legend>{ticks}</fieldset>") if pages else "",
        returns_to=word(lang, "returns_to", host=urlsplit(redirect_uri).netloc or redirect_uri),
        allow=word(lang, "allow"),
        deny=word(lang, "deny"),
    )
    return page(request, network=network, title=title, body=body)


def _scope(scope: str, *, declinable: bool) -> Html:
    name = escape(scope)
    if not declinable:
        return Html(f"<li>{name}</li>")
    return Html(f'<li><label><input type="checkbox" name="scopes" value="{name}" checked> {name}</label></li>')


def _choice(kind: str, name: str, account: Account, handle: str, *, checked: bool) -> Html:
    return render(
        "consent_choice.html",
        type=kind,
        name=name,
        value=account.id,
        label=account.name,
        handle=handle,
        checked=Html(" checked") if checked else "",
    )


def send_back(redirect_uri: str, params: dict[str, str]) -> Response:
    """Return to the application with `params` added to its address; empty ones are left out."""
    joint = "&" if "?" in redirect_uri else "?"
    query = urlencode({name: value for name, value in params.items() if value})
    return RedirectResponse(f"{redirect_uri}{joint}{query}", 302)

"""Light, dark, or as the system: a cookie, and the person's own setting where they are signed in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

COOKIE = "theme"
THEMES = ("auto", "light", "dark")
_YEAR = 365 * 24 * 3600


def theme_of(request: HttpRequest) -> str:
    """The cookie wins: it is the choice made on this device; then the person's setting; else as the system."""
    for choice in (request.COOKIES.get(COOKIE), getattr(getattr(request, "user", None), "theme", None)):
        if choice in THEMES:
            return str(choice)
    return "auto"


def remember_theme(request: HttpRequest, response: HttpResponse, theme: str) -> None:
    """Set the cookie for a year."""
    response.set_cookie(COOKIE, theme, max_age=_YEAR, samesite="Lax", secure=request.is_secure(), httponly=True)

"""Connecting a Mastodon account: discovery, dynamic registration, authorization code with PKCE."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from socialops.networks import http
from socialops.networks.data import network_data, network_settings
from socialops.networks.errors import AuthError, Code, ValidationError
from socialops.networks.mastodon.answers import NETWORK, call, message_of, origin, refuse
from socialops.networks.pkce import new_state, new_verifier, returned_code
from socialops.networks.ports import Account, Authorization, Credentials, MediaKind, Target

DISCOVERY = "/.well-known/oauth-authorization-server"


def find_instance(address: str) -> str:
    """The origin of the API server behind what a person typed: a host, a URL, or `@me@host`.

    Account domains often redirect to the server's own domain; one redirect is followed, through the same guard.
    """
    typed = address.strip() or network_settings(NETWORK)["base_url"]
    if "@" in typed and "://" not in typed:
        typed = typed.rpartition("@")[2]
    base = http.origin_of(typed)
    answer = http.call("GET", f"{base}/api/v2/instance")
    place = answer.headers.get("location", "")
    if answer.status in (301, 302, 307, 308) and urlsplit(place).hostname:
        return http.origin_of("{0.scheme}://{0.netloc}".format(urlsplit(place)))
    return base


def _endpoints(base: str) -> dict[str, str]:
    """Discovery (Mastodon 4.3 and later), the long-known paths where the server has none.

    Endpoints on another host than the instance's are not believed.
    """
    usual = {
        "authorization_endpoint": f"{base}/oauth/authorize",
        "token_endpoint": f"{base}/oauth/token",
        "revocation_endpoint": f"{base}/oauth/revoke",
        "app_registration_endpoint": f"{base}/api/v1/apps",
    }
    answer = http.call("GET", base + DISCOVERY)
    if not answer.ok:
        return usual
    told = answer.error_object()
    return {
        name: str(told[name]) if str(told.get(name, "")).startswith(f"{base}/") else url for name, url in usual.items()
    }


def _scopes() -> str:
    return " ".join(network_data(NETWORK)["oauth"]["scopes"])


def _register(url: str, redirect_uri: str) -> dict[str, str]:
    form = {
        "client_name": network_data(NETWORK)["oauth"]["client_name"],
        "redirect_uris": redirect_uri,
        "scopes": _scopes(),
    }
    answer = http.call("POST", url, json=form)
    if not answer.ok:
        refuse(answer)
    return {
        "client_id": answer.text("client_id"),
        "client_secret": answer.text("client_secret"),
        "redirect_uri": redirect_uri,
    }


def _is_known(app: Mapping[str, Any], token_url: str, redirect_uri: str) -> bool:
    """Whether the server still knows an app registered earlier: before 4.3 unused ones were swept away."""
    if not app.get("client_id") or app.get("redirect_uri", redirect_uri) != redirect_uri:
        return False
    form = {
        "grant_type": "client_credentials",
        "client_id": app["client_id"],
        "client_secret": app.get("client_secret", ""),
        "redirect_uri": redirect_uri,
    }
    answer = http.call("POST", token_url, form=form, secrets=(str(app.get("client_secret", "")),))
    return answer.ok or answer.error_object().get("error") != "invalid_client"


def authorization(*, base_url: str, redirect_uri: str, app: Mapping[str, Any], login_hint: str) -> Authorization:
    base = find_instance(base_url or login_hint)
    endpoints = _endpoints(base)
    if not _is_known(app, endpoints["token_endpoint"], redirect_uri):
        app = _register(endpoints["app_registration_endpoint"], redirect_uri)
    state = new_state()
    verifier, challenge = new_verifier()
    query = {
        "response_type": "code",
        "client_id": app["client_id"],
        "redirect_uri": redirect_uri,
        "scope": _scopes(),
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    pending = {"base_url": base, "state": state, "verifier": verifier, "app": dict(app), "endpoints": endpoints}
    return Authorization(url=f"{endpoints['authorization_endpoint']}?{urlencode(query)}", state=state, pending=pending)


def complete_authorization(
    *, query: Mapping[str, str], pending: Mapping[str, Any], redirect_uri: str
) -> tuple[Account, ...]:
    code = returned_code(query, pending)
    app, base = pending["app"], str(pending["base_url"])
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "client_id": app["client_id"],
        "client_secret": app["client_secret"],
        "redirect_uri": redirect_uri,
        "code_verifier": pending["verifier"],
    }
    secrets = (code, str(app["client_secret"]), str(pending["verifier"]))
    answer = http.call("POST", pending["endpoints"]["token_endpoint"], form=form, secrets=secrets)
    if not answer.ok:
        _refuse_token(answer)
    token = answer.text("access_token")
    data = answer.object()
    scopes = tuple(str(data.get("scope") or _scopes()).split())
    expires_at = None
    if isinstance(data.get("expires_in"), int | float):  # Mastodon tokens don't expire today; honoured if they ever do
        expires_at = datetime.now(UTC) + timedelta(seconds=data["expires_in"])
    values = {"access_token": token, "client_id": app["client_id"], "client_secret": app["client_secret"]}
    return (_account(base, Credentials(values, expires_at, scopes)),)


def _refuse_token(answer: http.Answer) -> None:
    error = answer.error_object().get("error")
    if error == "invalid_client":
        raise AuthError(Code.APP_REJECTED, raw=answer.raw())
    if answer.status in (400, 401):
        raise AuthError(Code.CODE_EXPIRED, detail={"message": message_of(answer)}, raw=answer.raw())
    refuse(answer)


def connect_with_token(*, base_url: str, values: Mapping[str, str]) -> Account:
    token = values.get("access_token", "").strip()
    if not token:
        raise AuthError(Code.TOKEN_MISSING)
    return _account(find_instance(base_url), Credentials({"access_token": token}))


def _missing_scopes(granted: tuple[str, ...]) -> tuple[str, ...]:
    """`write` covers `write:media`; () when the server doesn't tell what it granted."""
    if not granted:
        return ()
    wanted = network_data(NETWORK)["oauth"]["scopes"]
    return tuple(s for s in wanted if s not in granted and s.partition(":")[0] not in granted)


def _account(base: str, credentials: Credentials) -> Account:
    return verify(Target(NETWORK, base, "", "", credentials))


def verify(target: Target) -> Account:
    answer = call(target, "GET", "/api/v1/accounts/verify_credentials")
    data, base = answer.object(), origin(target.base_url)
    acct = answer.text("acct")
    url = str(data.get("url") or "")
    host = urlsplit(url).hostname or urlsplit(base).hostname
    port = urlsplit(url).port
    return Account(
        external_id=answer.text("id"),
        handle=f"@{acct}" if "@" in acct else f"@{acct}@{host}" + (f":{port}" if port else ""),
        name=str(data.get("display_name") or data.get("username") or acct),
        url=url or f"{base}/@{acct}",
        avatar_url=str(data.get("avatar") or ""),
        credentials=target.credentials,
        missing_scopes=_missing_scopes(target.credentials.scopes),
    )


def revoke(target: Target, *, app: Mapping[str, Any]) -> None:
    """A token connected by hand has no app to revoke it with: there is nothing to do then."""
    values = target.credentials.values
    client_id = values.get("client_id") or app.get("client_id")
    secret = values.get("client_secret") or app.get("client_secret")
    token = str(values.get("access_token") or "")
    if not client_id or not token:
        return
    form = {"client_id": client_id, "client_secret": secret, "token": token}
    answer = http.call("POST", f"{origin(target.base_url)}/oauth/revoke", form=form, secrets=(token, str(secret)))
    if answer.status == 429 or answer.status >= 500:
        refuse(answer)


def fetch_limits(*, base_url: str) -> dict[str, dict[str, Any]]:
    """The instance's own limits, in the shape of `[limits]`; only what it tells."""
    base = origin(base_url)
    for path in ("/api/v2/instance", "/api/v1/instance"):  # v1 for servers before 4.0 and some forks
        answer = http.call("GET", base + path)
        if answer.ok:
            return limits_of_instance(answer.object())
    if answer.status in (404, 410):
        raise ValidationError(Code.ADDRESS_REFUSED, detail={"field": "base_url", "host": base}, raw=answer.raw())
    if answer.status not in (401, 403):
        refuse(answer)
    return {}  # an instance in limited-federation mode tells strangers nothing: the usual limits have to do


def _knows_quotes(instance: Mapping[str, Any]) -> bool:
    """By the version of Mastodon's API that it says it speaks; forks that say none are taken not to."""
    version = (instance.get("api_versions") or {}).get("mastodon")
    return isinstance(version, int) and version >= network_data(NETWORK)["quote"]["api_version"]


def limits_of_instance(instance: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What an instance's own description says of them."""
    configuration = instance.get("configuration")
    if not isinstance(configuration, dict):
        longest = instance.get("max_toot_chars")  # Pleroma and old servers
        own = {"quote": {"known": False}}
        return {**own, "text": {"max": longest}} if isinstance(longest, int) else own
    places = {
        ("text", "max"): ("statuses", "max_characters"),
        ("text", "url_length"): ("statuses", "characters_reserved_per_url"),
        ("media", "max_count"): ("statuses", "max_media_attachments"),
        ("alt_text", "max"): ("media_attachments", "description_limit"),
        ("image", "max_bytes"): ("media_attachments", "image_size_limit"),
        ("image", "max_pixels"): ("media_attachments", "image_matrix_limit"),
        ("video", "max_bytes"): ("media_attachments", "video_size_limit"),
        ("audio", "max_bytes"): ("media_attachments", "video_size_limit"),
        ("video", "max_frame_rate"): ("media_attachments", "video_frame_rate_limit"),
        ("poll", "most"): ("polls", "max_options"),
        ("poll", "each"): ("polls", "max_characters_per_option"),
        ("poll", "min_seconds"): ("polls", "min_expiration"),
        ("poll", "max_seconds"): ("polls", "max_expiration"),
    }
    limits: dict[str, dict[str, Any]] = {"quote": {"known": _knows_quotes(instance)}}
    for (table, name), (section, key) in places.items():
        value = (configuration.get(section) or {}).get(key)
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            limits.setdefault(table, {})[name] = value
    types = (configuration.get("media_attachments") or {}).get("supported_mime_types")
    for table in ("image", "video"):
        known = network_data(NETWORK)["limits"][table]["types"]
        if isinstance(types, list) and (both := [kind for kind in known if kind in types]):
            limits.setdefault(table, {})["types"] = both
    return {**limits, **_sounds(types, limits)} if isinstance(types, list) else limits


def _sounds(types: Sequence[Any], limits: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The tables that say which sounds are taken; a server that tells its types and no sound among them takes none."""
    data = network_data(NETWORK)
    names = {kind: {kind, *data["audio_names"].get(kind, ())} for kind in data["limits"]["audio"]["types"]}
    if taken := [kind for kind, known in names.items() if not known.isdisjoint(types)]:
        return {"audio": {**limits.get("audio", {}), "types": taken}}
    kinds = [kind for kind in data["limits"]["media"]["kinds"] if kind != MediaKind.AUDIO]
    return {"media": {**limits.get("media", {}), "kinds": kinds}}

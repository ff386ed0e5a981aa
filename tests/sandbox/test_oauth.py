"""The three OAuth flows from end to end, following the consent forms as a person would."""

from __future__ import annotations

import base64
import hashlib
import html
import re
import secrets
import time
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey
from mastodon import Mastodon

from tests.sandbox_server import Sandbox

CALLBACK = "http://127.0.0.1:8000/callback"


def challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def decide(
    http: httpx.Client, url: str, *, choose: str = "", decision: str = "allow", pages: list[str] | None = None
) -> dict[str, str]:
    """Open the consent page, choose the account called `choose`, press the button. → what the application gets back."""
    page = http.get(url, headers={"Accept-Language": "fr"})
    assert page.status_code == 200, page.text
    assert 'lang="fr"' in page.text
    action = html.unescape(re.search(r'<form[^>]*action="([^"]*)"', page.text)[1])
    fields = {
        html.unescape(k): html.unescape(v)
        for k, v in re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', page.text)
    }
    accounts = re.findall(r'type="radio" name="account" value="([^"]*)".*?<strong>(.*?)</strong>', page.text)
    ticks = re.findall(r'type="checkbox" name="pages" value="([^"]*)".*?<strong>(.*?)</strong>', page.text)
    fields["account"] = next(key for key, name in accounts if not choose or name == choose)
    chosen = [key for key, name in ticks if pages is None or name in pages]
    base = "{0.scheme}://{0.netloc}".format(urlsplit(url))
    back = http.post(base + action, data={**fields, "pages": chosen, "decision": decision})
    assert back.status_code == 302, back.text
    location = back.headers["location"]
    assert location.startswith(CALLBACK + "?")
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def test_mastodon_with_pkce_and_revocation(sandbox, http):
    server = http.get(f"{sandbox.mastodon}/.well-known/oauth-authorization-server").json()
    app = http.post(
        server["app_registration_endpoint"],
        json={"client_name": "SocialOps", "redirect_uris": [CALLBACK], "scopes": "read write"},
    ).json()
    ask = {
        "response_type": "code",
        "client_id": app["client_id"],
        "redirect_uri": CALLBACK,
        "scope": "read write",
        "state": "s1",
        "code_challenge": challenge("v" * 43),
        "code_challenge_method": "S256",
    }
    url = f"{server['authorization_endpoint']}?{urlencode(ask)}"
    assert decide(http, url, decision="deny")["error"] == "access_denied"
    back = decide(http, url, choose="Café Riviera")
    assert back["state"] == "s1"
    grant = {
        "grant_type": "authorization_code",
        "code": back["code"],
        "client_id": app["client_id"],
        "client_secret": app["client_secret"],
        "redirect_uri": CALLBACK,
    }
    assert (
        http.post(server["token_endpoint"], data={**grant, "client_secret": "no"}).json()["error"] == "invalid_client"
    )
    token = http.post(server["token_endpoint"], data={**grant, "code_verifier": "v" * 43}).json()
    assert (token["token_type"], token["scope"], "expires_in" in token) == ("Bearer", "read write", False)
    me = Mastodon(
        access_token=token["access_token"],
        api_base_url=sandbox.mastodon,
        version_check_mode="none",
        ratelimit_method="throw",
    )
    assert me.account_verify_credentials().acct == "cafe_riviera"
    assert http.post(server["token_endpoint"], data=grant).json()["error"] == "invalid_grant"
    http.post(server["revocation_endpoint"], data={**grant, "token": token["access_token"]})
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    assert http.get(f"{sandbox.mastodon}/api/v1/accounts/verify_credentials", headers=headers).status_code == 401


def test_mastodon_refuses_what_it_must(sandbox, http):
    app = http.post(
        f"{sandbox.mastodon}/api/v1/apps", json={"client_name": "A", "redirect_uris": CALLBACK, "scopes": "read"}
    ).json()
    ask = {
        "response_type": "code",
        "client_id": app["client_id"],
        "redirect_uri": CALLBACK,
        "scope": "read",
        "code_challenge": challenge("v"),
        "code_challenge_method": "S256",
    }
    authorize = f"{sandbox.mastodon}/oauth/authorize"
    assert http.get(authorize, params={**ask, "redirect_uri": "http://evil.example/"}).status_code == 400
    assert http.get(authorize, params={**ask, "client_id": "x"}).status_code == 400
    wider = http.get(authorize, params={**ask, "scope": "read write"})
    assert "error=invalid_scope" in wider.headers["location"]
    back = decide(http, f"{authorize}?{urlencode(ask)}")
    grant = {
        "grant_type": "authorization_code",
        "code": back["code"],
        "client_id": app["client_id"],
        "client_secret": app["client_secret"],
        "redirect_uri": CALLBACK,
    }
    wrong = http.post(f"{sandbox.mastodon}/oauth/token", data={**grant, "code_verifier": "w"})
    assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_grant")


class Dpop:
    """A client key and the nonces of both sides; `nonce_errors` counts how often a server asked for another."""

    def __init__(self, http: httpx.Client) -> None:
        self.http = http
        self.key = ECKey.generate_key("P-256")
        self.nonces: dict[str, str] = {}
        self.nonce_errors = 0

    def proof(self, method: str, url: str, side: str, token: str = "", **change) -> str:
        claims = {
            "jti": secrets.token_hex(8),
            "htm": method,
            "htu": url.split("?", maxsplit=1)[0],
            "iat": int(time.time()),
        }
        if side in self.nonces:
            claims["nonce"] = self.nonces[side]
        if token:
            claims["ath"] = challenge(token)
        header = {"alg": "ES256", "typ": "dpop+jwt", "jwk": self.key.as_dict(private=False)}
        return jwt.encode(header, {**claims, **change}, self.key)

    def send(self, method: str, url: str, *, side: str, token: str = "", **options) -> httpx.Response:
        for _ in range(2):
            headers = {"DPoP": self.proof(method, url, side, token)}
            if token:
                headers["Authorization"] = f"DPoP {token}"
            answer = self.http.request(method, url, headers=headers, **options)
            self.nonces[side] = answer.headers["DPoP-Nonce"]
            if answer.status_code not in {400, 401} or answer.json().get("error") != "use_dpop_nonce":
                break
            self.nonce_errors += 1
        return answer


@pytest.fixture
def bluesky_flow(sandbox: Sandbox, http: httpx.Client):
    """PAR, consent and code exchange. → (proofs, server metadata, client id, token answer, what came back)."""
    resource = http.get(f"{sandbox.bluesky}/.well-known/oauth-protected-resource").json()
    server = http.get(f"{resource['authorization_servers'][0]}/.well-known/oauth-authorization-server").json()
    scope = "atproto transition:generic"
    client_id = "http://localhost?" + urlencode({"redirect_uri": "http://127.0.0.1/callback", "scope": scope})
    proofs = Dpop(http)
    ask = {
        "client_id": client_id,
        "response_type": "code",
        "redirect_uri": CALLBACK,
        "scope": scope,
        "state": "s2",
        "code_challenge": challenge("v" * 43),
        "code_challenge_method": "S256",
        "login_hint": "velo-citadin.test",
    }
    pushed = proofs.send("POST", server["pushed_authorization_request_endpoint"], side="as", data=ask)
    assert pushed.status_code == 201, pushed.text
    url = f"{server['authorization_endpoint']}?{urlencode({'client_id': client_id, 'request_uri': pushed.json()['request_uri']})}"
    back = decide(http, url, choose="Vélo Citadin")
    grant = {
        "grant_type": "authorization_code",
        "client_id": client_id,
        "code": back["code"],
        "redirect_uri": CALLBACK,
        "code_verifier": "v" * 43,
    }
    token = proofs.send("POST", server["token_endpoint"], side="as", data=grant)
    assert token.status_code == 200, token.text
    return proofs, server, client_id, token.json(), back


def test_bluesky_with_par_pkce_and_dpop(sandbox, http, bluesky_flow):
    proofs, server, _, token, back = bluesky_flow
    assert (back["state"], back["iss"]) == ("s2", server["issuer"])
    assert (token["token_type"], token["scope"]) == ("DPoP", "atproto transition:generic")
    document = http.get(f"{sandbox.bluesky}/{token['sub']}").json()
    assert document["alsoKnownAs"] == ["at://velo-citadin.test"]
    url = f"{sandbox.bluesky}/xrpc/com.atproto.repo.createRecord"
    record = {"text": "par OAuth", "createdAt": "2026-11-23T15:00:00Z"}
    body = {"repo": token["sub"], "collection": "app.bsky.feed.post", "record": record}
    assert proofs.send("POST", url, side="rs", token=token["access_token"], json=body).status_code == 200
    assert [p["account"] for p in sandbox.posts("bluesky")] == ["velo-citadin.test"]
    assert proofs.nonce_errors == 2, "once for each side"
    assert http.post(url, json=body, headers={"Authorization": f"Bearer {token['access_token']}"}).status_code == 400


@pytest.mark.parametrize(
    "wrong", [{"code_verifier": "w" * 43}, {"redirect_uri": CALLBACK + "/other"}, {"code": "cod-x"}]
)
def test_bluesky_codes_are_bound_to_their_request(sandbox, http, wrong):
    client_id = "http://localhost?" + urlencode({"redirect_uri": "http://127.0.0.1/callback", "scope": "atproto"})
    ask = {"client_id": client_id, "response_type": "code", "redirect_uri": CALLBACK, "scope": "atproto"}
    ask |= {"code_challenge": challenge("v" * 43), "code_challenge_method": "S256"}
    proofs = Dpop(http)
    pushed = proofs.send("POST", f"{sandbox.bluesky}/oauth/par", side="as", data=ask).json()
    url = f"{sandbox.bluesky}/oauth/authorize?{urlencode({'client_id': client_id, **pushed})}"
    code = decide(http, url)["code"]
    assert http.get(url).status_code == 400, "a pushed request serves once"
    grant = {"grant_type": "authorization_code", "client_id": client_id, "code": code, "redirect_uri": CALLBACK}
    answer = proofs.send(
        "POST", f"{sandbox.bluesky}/oauth/token", side="as", data={**grant, "code_verifier": "v" * 43, **wrong}
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_bluesky_refresh_tokens_work_once(sandbox, http, bluesky_flow):
    proofs, server, client_id, token, _ = bluesky_flow
    grant = {"grant_type": "refresh_token", "client_id": client_id, "refresh_token": token["refresh_token"]}
    fresh = proofs.send("POST", server["token_endpoint"], side="as", data=grant).json()
    assert fresh["refresh_token"] != token["refresh_token"]
    url = f"{sandbox.bluesky}/xrpc/com.atproto.server.getSession"
    assert proofs.send("GET", url, side="rs", token=fresh["access_token"]).json()["handle"] == "velo-citadin.test"
    replayed = proofs.send("POST", server["token_endpoint"], side="as", data=grant)
    assert (replayed.status_code, replayed.json()["error_description"]) == (400, "Refresh token replayed")
    ended = proofs.send("GET", url, side="rs", token=fresh["access_token"])
    assert (ended.status_code, ended.json()["error"]) == (401, "invalid_token")


def test_bluesky_proofs_are_checked(sandbox, http, bluesky_flow):
    proofs, server, _, token, _ = bluesky_flow
    url, access = f"{sandbox.bluesky}/xrpc/com.atproto.server.getSession", token["access_token"]
    assert proofs.send("GET", url, side="rs", token=access).status_code == 200

    def send(proof: str) -> tuple[int, str]:
        answer = http.get(url, headers={"Authorization": f"DPoP {access}", "DPoP": proof})
        return answer.status_code, answer.json().get("error", "")

    good = proofs.proof("GET", url, "rs", access)
    assert send(good) == (200, "")
    assert send(good) == (401, "invalid_dpop_proof"), "replayed"
    for wrong in ({"htm": "POST"}, {"htu": f"{sandbox.bluesky}/other"}, {"ath": "x"}, {"iat": int(time.time()) - 3600}):
        assert send(proofs.proof("GET", url, "rs", access, **wrong)) == (401, "invalid_dpop_proof"), wrong
    assert send(proofs.proof("GET", url, "rs", access, nonce="old")) == (401, "use_dpop_nonce")
    thief = Dpop(http)
    thief.nonces = proofs.nonces
    assert send(thief.proof("GET", url, "rs", access)) == (401, "invalid_token")
    http.post(server["revocation_endpoint"], data={"token": access})
    assert proofs.send("GET", url, side="rs", token=access).status_code == 401


def test_facebook_with_page_picking_and_long_lived_tokens(sandbox, http):
    graph = f"{sandbox.facebook}/v26.0"
    scope = "pages_show_list,pages_read_engagement,pages_manage_posts"
    ask = {"client_id": "sandbox-app", "redirect_uri": CALLBACK, "state": "s3", "scope": scope, "response_type": "code"}
    url = f"{graph}/dialog/oauth?{urlencode(ask)}"
    denied = decide(http, url, decision="deny")
    assert (denied["error"], denied["error_reason"], denied["state"]) == ("access_denied", "user_denied", "s3")
    back = decide(http, url, pages=["Vélo Citadin", "Café Riviera"])
    exchange = {
        "client_id": "sandbox-app",
        "client_secret": "sandbox-secret",
        "redirect_uri": CALLBACK,
        "code": back["code"],
    }
    assert http.get(f"{graph}/oauth/access_token", params={**exchange, "client_secret": "x"}).status_code == 400
    short = http.get(f"{graph}/oauth/access_token", params=exchange).json()
    again = http.get(f"{graph}/oauth/access_token", params=exchange).json()
    assert again["error"]["error_subcode"] == 36009
    swap = {
        "grant_type": "fb_exchange_token",
        "client_id": "sandbox-app",
        "client_secret": "sandbox-secret",
        "fb_exchange_token": short["access_token"],
    }
    long = http.get(f"{graph}/oauth/access_token", params=swap).json()
    assert long["expires_in"] == 60 * 86400
    user = {"Authorization": f"Bearer {long['access_token']}"}
    pages = http.get(
        f"{graph}/me/accounts", params={"fields": "id,name,access_token,tasks", "limit": 1}, headers=user
    ).json()
    both = pages["data"] + http.get(pages["paging"]["next"]).json()["data"]
    assert [p["name"] for p in both] == ["Vélo Citadin", "Café Riviera"]
    assert "CREATE_CONTENT" in both[0]["tasks"]
    granted = http.get(f"{graph}/me/permissions", headers=user).json()["data"]
    assert {"permission": "pages_manage_posts", "status": "granted"} in granted
    page = both[0]
    posted = http.post(
        f"{graph}/{page['id']}/feed", data={"message": "x"}, headers={"Authorization": f"Bearer {page['access_token']}"}
    )
    assert posted.json()["id"].startswith(page["id"] + "_")
    as_person = http.post(f"{graph}/{page['id']}/feed", data={"message": "x"}, headers=user).json()["error"]
    assert (as_person["code"], as_person["error_subcode"]) == (190, 2069032)
    seen = http.get(
        f"{graph}/debug_token",
        params={"input_token": page["access_token"], "access_token": "sandbox-app|sandbox-secret"},
    ).json()["data"]
    assert (seen["is_valid"], seen["expires_at"], seen["profile_id"]) == (True, 0, page["id"])
    assert http.delete(f"{graph}/me/permissions", headers=user).json() == {"success": True}
    dead = http.get(f"{graph}/{page['id']}", headers={"Authorization": f"Bearer {page['access_token']}"}).json()[
        "error"
    ]
    assert (dead["code"], dead["error_subcode"]) == (190, 458)
    assert (
        http.get(f"{graph}/me", params={"access_token": "sandbox-facebook-maison_lumiere"}).json()["name"]
        == "Maison Lumière"
    )

"""A local stand-in of the nine networks: `python -m socialops.sandbox --port 8100 --data DIR`.

Home page on the port, then one network a port, in the order of `models.NETWORKS`, with the network's real paths at the root.

Signing in:

| network | accounts | with |
|---|---|---|
| mastodon | maison_lumiere, velo_citadin, cafe_riviera | access token `sandbox-mastodon-<account>` |
| bluesky | maison-lumiere.test, velo-citadin.test, cafe-riviera.test | password `sandbox-app-pass` |
| facebook | pages maison_lumiere, velo_citadin, cafe_riviera of Camille Martin | page token `sandbox-facebook-<page>`, user token `sandbox-facebook-user` |
| instagram | maison_lumiere, velo_citadin, cafe_riviera, each linked to a page | page token `sandbox-instagram-<account>`, user token `sandbox-instagram-user` |
| threads | maison_lumiere, velo_citadin, cafe_riviera | long-lived token `sandbox-threads-<account>` |
| linkedin | pages maison-lumiere, velo-citadin, cafe-riviera of Camille Martin | token `sandbox-linkedin-<page>`, member's token `sandbox-linkedin-member` |
| x | maison_lumiere, velo_citadin, cafe_riviera | access token `sandbox-x-<account>` |
| tiktok | maison_lumiere, velo_citadin, cafe_riviera | access token `sandbox-tiktok-<account>` |
| youtube | channels maison_lumiere, velo_citadin, cafe_riviera | access token `sandbox-youtube-<channel>`, refresh token `sandbox-youtube-refresh-<channel>` |

`GET /_accounts` tells them all.

OAuth: Mastodon registers apps itself; Bluesky takes `http://localhost?…` clients and metadata addresses; on every other network the app is
`sandbox-app` with the secret `sandbox-secret`.

Steering, on every port: `POST|GET|DELETE /_faults` (see faults.py), `GET /_log`, `GET /_posts`, `GET|POST /_accounts` (with their credentials), `POST /_crowd`,
`POST /_history` (posts, comments and mentions of the past: see history.py),
`POST /_pace` (how long files are processed), `DELETE /_state`, `GET /_health`; on a network's port they act on that network, on the home port on all or on `network`.

Nothing here leaves 127.0.0.1, and nothing here imports Django: the connectors must meet it as they meet the real networks.
"""

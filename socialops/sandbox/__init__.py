"""A local stand-in of Mastodon, Bluesky and Facebook Pages: `python -m socialops.sandbox --port 8100 --data DIR`.

Nothing here leaves 127.0.0.1, and nothing here imports Django: the connectors must meet it as they meet the real networks.
"""

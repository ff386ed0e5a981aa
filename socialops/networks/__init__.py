"""Connectors: how SocialOps speaks to each network. No models, no ORM, no Django views.

Everything above talks to a network only through `ports.Connector`, obtained from `registry.connector_for`.
"""

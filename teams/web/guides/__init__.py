"""How to get a developer app at each network: one module a network, named as the network is, with its `GUIDE`."""

from __future__ import annotations

from importlib import import_module

from teams.web.guides.guide import Guide, Shows, Step

__all__ = ["Guide", "Shows", "Step", "guide_to"]


def guide_to(network: str) -> Guide:
    """ModuleNotFoundError for a network nobody wrote one for; a test looks that there is none."""
    found: Guide = import_module(f"{__name__}.{network}").GUIDE
    return found

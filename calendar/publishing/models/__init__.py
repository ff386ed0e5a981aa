"""Deliveries, their parts and attempts; suspensions; heartbeats; quotas, usage and budgets."""

from publishing.models.deliveries import Attempt, Delivery, Part
from publishing.models.health import Heartbeat
from publishing.models.quotas import QuotaReading
from publishing.models.suspensions import Suspension
from publishing.models.usage import Budget, Usage

__all__ = ["Attempt", "Budget", "Delivery", "Heartbeat", "Part", "QuotaReading", "Suspension", "Usage"]

"""Deliveries, their parts and attempts; suspensions; heartbeats; quotas."""

from publishing.models.deliveries import Attempt, Delivery, Part
from publishing.models.health import Heartbeat
from publishing.models.quotas import QuotaReading
from publishing.models.suspensions import Suspension

__all__ = ["Attempt", "Delivery", "Heartbeat", "Part", "QuotaReading", "Suspension"]

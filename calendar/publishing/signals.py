"""What publishing tells the apps above it."""

from __future__ import annotations

from django.dispatch import Signal

delivery_changed = Signal()
"""sender=Delivery, delivery=the Delivery as it is now, previous=its state before ("" when new). Sent in the transaction of each change
that people see (not claimed, preparing, committing), of a take-down (state stays published), and of a new due time (state stays).
"""

"""Screens of publishing, under /o/<organization>/."""

from __future__ import annotations

from django.urls import path

from publishing.web.views import costs, deliveries, suspensions

app_name = "publishing"
urlpatterns = [
    path("deliveries/", deliveries.attention, name="attention"),
    path("deliveries/<int:pk>/", deliveries.delivery, name="delivery"),
    path("deliveries/<int:pk>/retry/", deliveries.retry, name="retry"),
    path("deliveries/<int:pk>/cancel/", deliveries.cancel, name="cancel"),
    path("deliveries/<int:pk>/resolve/", deliveries.resolve, name="resolve"),
    path("deliveries/<int:pk>/reschedule/", deliveries.reschedule, name="reschedule"),
    path("deliveries/<int:pk>/take-down/", deliveries.take_down, name="take_down"),
    path("deliveries/<int:pk>/correct/", deliveries.correct, name="correct"),
    path("deliveries/<int:pk>/parts/", deliveries.resume, name="resume"),
    path("deliveries/<int:pk>/parts/<int:part>/resolve/", deliveries.resolve_part, name="resolve_part"),
    path("costs/", costs.costs, name="costs"),
    path("costs/<slug:network>/", costs.budget, name="budget"),
    path("suspensions/", suspensions.suspensions, name="suspensions"),
    path("suspensions/<int:pk>/", suspensions.suspension, name="suspension"),
    path("suspensions/<int:pk>/lift/", suspensions.lift_suspension, name="lift"),
]

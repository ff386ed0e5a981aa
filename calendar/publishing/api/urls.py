"""REST endpoints of publishing, under /api/v1/organizations/<organization>/."""

from __future__ import annotations

from django.urls import path

from publishing.api import views

app_name = "api_publishing"
urlpatterns = [
    path("deliveries/", views.Deliveries.as_view(), name="deliveries"),
    path("deliveries/<int:pk>/", views.OneDelivery.as_view(), name="delivery"),
    path("deliveries/<int:pk>/retry/", views.Retry.as_view(), name="delivery_retry"),
    path("deliveries/<int:pk>/resolve/", views.Resolve.as_view(), name="delivery_resolve"),
    path("deliveries/<int:pk>/correct/", views.Correct.as_view(), name="delivery_correct"),
    path("costs/", views.Costs.as_view(), name="costs"),
    path("budgets/<slug:network>/", views.OneBudget.as_view(), name="budget"),
    path("suspensions/", views.Suspensions.as_view(), name="suspensions"),
    path("suspensions/<int:pk>/", views.OneSuspension.as_view(), name="suspension"),
    path("suspensions/<int:pk>/lift/", views.Lift.as_view(), name="suspension_lift"),
    path("suspensions/<int:pk>/review/", views.ReviewHeld.as_view(), name="suspension_review"),
]

"""Routes of orders, below /api/v1/. The verbs that move money stand in `payments`."""

from django.urls import path

from orders import views

urlpatterns = [
    path("orders/", views.OrdersView.as_view(), name="orders"),
    path("orders/<str:number>/", views.OrderView.as_view(), name="order"),
    path("orders/<str:number>/claim/", views.OrderClaimView.as_view(), name="order-claim"),
    path("orders/<str:number>/history/", views.OrderHistoryView.as_view(), name="order-history"),
    path("orders/<str:number>/cancel/", views.OrderCancelView.as_view(), name="order-cancel"),
    path("orders/<str:number>/reschedule-pickup/", views.OrderPickupView.as_view(), name="order-reschedule-pickup"),
    path("orders/<str:number>/complete/", views.OrderCompleteView.as_view(), name="order-complete"),
    path("orders/<str:number>/fulfilments/", views.FulfilmentsView.as_view(), name="order-fulfilments"),
    *(
        path(
            f"orders/<str:number>/fulfilments/<uuid:fulfilment_id>/{verb}/",
            views.FulfilmentStepView.as_view(),
            {"verb": verb},
            name=f"fulfilment-{verb}",
        )
        for verb in ("pick", "ready", "ship", "deliver", "return")
    ),
]

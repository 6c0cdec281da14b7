"""Routes of carts, below /api/v1/."""

from django.urls import path

from cart import views

urlpatterns = [
    path("carts/", views.CartsView.as_view(), name="carts"),
    path("carts/<uuid:cart_id>/", views.CartView.as_view(), name="cart"),
    path("carts/<uuid:cart_id>/lines/", views.CartLinesView.as_view(), name="cart-lines"),
    path("carts/<uuid:cart_id>/lines/<uuid:line_id>/", views.CartLineView.as_view(), name="cart-line"),
    path("carts/<uuid:cart_id>/claim/", views.CartClaimView.as_view(), name="cart-claim"),
    path("carts/<uuid:cart_id>/quote/", views.CartQuoteView.as_view(), name="cart-quote"),
]

"""Routes of the shop window, below /api/v1/."""

from django.urls import path

from storefront import views

urlpatterns = [
    path("categories/", views.CategoriesView.as_view(), name="categories"),
    path("products/", views.ProductsView.as_view(), name="products"),
    path("products/<slug:slug>/", views.ProductView.as_view(), name="product"),
    path("variants/<str:sku>/availability/", views.AvailabilityView.as_view(), name="variant-availability"),
]

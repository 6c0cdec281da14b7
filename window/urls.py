"""Routes of the shop window's pages. The window's program knows the same ones (`web/src/routes.tsx`)."""

from django.urls import path, re_path

from window import installing, views

urlpatterns = [
    path("", views.home, name="home"),
    re_path(r"^categoria/(?P<slug>[a-zA-Z0-9_-]+)/?$", views.category, name="window-category"),
    re_path(r"^produto/(?P<slug>[a-zA-Z0-9_-]+)/?$", views.product, name="window-product"),
    re_path(r"^agendar/?$", views.booking, name="window-booking"),
    re_path(rf"^(?P<place>{'|'.join(views.OWN)})/?$", views.own, name="window-own"),
    re_path(r"^pedido/(?P<number>[A-Za-z0-9-]+)/?$", views.order, name="window-order"),
    re_path(r"^cores/(?P<light>[0-9a-f]{6})-(?P<dark>[0-9a-f]{6})\.css$", views.colours, name="window-colours"),
    re_path(
        r"^incorporar/(?:agendar|carrinho|finalizar|pedido/[A-Za-z0-9-]+|visita/[0-9a-f-]{36})/?$",
        views.framed_booking,
        name="window-framed",
    ),
    re_path(r"^visita/(?P<public_id>[0-9a-f-]{36})/?$", views.visit, name="window-visit"),
    path("loja.webmanifest", installing.manifest, name="window-manifest"),
    path("icone-<int:size>.png", installing.icon, name="window-icon"),
    path("sw.js", installing.worker, name="window-worker"),
    path("sem-conexao", installing.offline, name="window-offline"),
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", views.sitemap, name="sitemap"),
]

"""Every route of the shop. Unknown paths under /api/ end here, in a problem and never in a page."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularSwaggerSplitView

from api import health, problems
from api.schema import schema
from config.media import media

API = [  # what is asked for most comes first, for routes are tried in turn
    path("", include(f"{app}.urls"))
    for app in ("cart", "orders", "storefront", "scheduling", "shop", "accounts", "inventory", "payments")
]

urlpatterns = [
    path("api/v1/", include(API)),
    path("api/schema/", schema, name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    re_path(r"^api/", problems.no_such_route),
    *(path("", include(f"{app}.pages.urls")) for app in ("payments", "orders", "scheduling")),
    path("", include("window.urls")),
    path("", include("backoffice.look.urls")),
    path("admin/agenda/", include("backoffice.agenda.urls")),
    path("admin/caixa/", include("backoffice.counter.urls")),
    path("admin/chats/", include("backoffice.chats.urls")),
    path("admin/day/", include("backoffice.day.urls")),
    path("admin/drawer/", include("backoffice.drawer.urls")),
    path("admin/hours/", include("backoffice.hours.urls")),
    path("admin/kept/", include("backoffice.keeping.urls")),
    path("admin/estoque/", include("backoffice.shelf.urls")),
    path("admin/procurar/", include("backoffice.finding.urls")),
    path("admin/first-steps/", include("backoffice.first_steps.urls")),
    path("admin/reports/", include("reports.urls")),
    path("admin/precos/", include("backoffice.prices.urls")),
    path("admin/um/", include("backoffice.one.urls")),
    path("admin/spreadsheets/", include("spreadsheets.urls")),
    path("admin/starters/", include("backoffice.starters.urls")),
    path("admin/why/", include("backoffice.why.urls")),
    path("conta/", include("accounts.urls.pages")),
    path("admin/", include("accounts.urls.desk")),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("health/live/", health.live, name="health-live"),
    path("health/ready/", health.ready, name="health-ready"),
    path("", include("operations.urls")),
]
if settings.SERVE_MEDIA:
    urlpatterns.append(re_path(r"^media/(?P<path>.+)$", media))

handler400 = problems.bad_request
handler403 = problems.forbidden
handler404 = problems.not_found
handler500 = problems.server_error

"""Every address of the server."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from playground.api.routes import url_patterns
from playground.views import pages

urlpatterns = [
    path("", pages.playground),
    path("s/<str:slug>/", pages.snippet),
    path("s/<str:slug>/embed/", pages.embed),
    path("lessons/", pages.lessons),
    path("lessons/<str:name>/", pages.lesson),
    path("lessons/<str:name>/recording/", pages.lesson_recording),
    path("admin/", admin.site.urls),
    path("api/", include(url_patterns())),
]

handler400 = "playground.views.failures.bad_request"
handler403 = "playground.views.failures.forbidden"
handler404 = "playground.views.failures.not_found"
handler500 = "playground.views.failures.server_error"

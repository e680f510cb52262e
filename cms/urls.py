"""The addresses: the admin is the site."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

# markdownx.urls is left out on purpose: its views ask for no login. Ours, wrapped, are in posts.urls.
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index"), name="home"),
    path("admin/", admin.site.urls),
    path("", include("posts.urls")),
]

handler403 = "posts.admin.failures.forbidden_view"
handler404 = "posts.admin.failures.not_found_view"

"""The admin site: Unfold's, without the work that no page of ours shows."""

from typing import Any, cast

from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from unfold.sites import UnfoldAdminSite


class EvergreenSite(UnfoldAdminSite):
    """Unfold's site."""

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """The apps with their models, made once somebody looks: every page asks for them, our sidebar shows others."""
        return cast(list[Any], SimpleLazyObject(lambda: super(EvergreenSite, self).get_app_list(request, app_label)))


class EvergreenAdminConfig(AdminConfig):
    """Django's admin with our site."""

    default_site = "cms.site.EvergreenSite"

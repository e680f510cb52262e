"""The admin site: Unfold's, without the work that no page of ours shows."""

from functools import cached_property
from typing import Any, cast

from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from unfold.settings import get_config
from unfold.sites import UnfoldAdminSite


class EvergreenSite(UnfoldAdminSite):
    """Unfold's site."""

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """The apps with their models, made once somebody looks: every page asks for them, our sidebar shows others."""
        return cast(list[Any], SimpleLazyObject(lambda: super(EvergreenSite, self).get_app_list(request, app_label)))

    def get_sidebar_list(self, request: HttpRequest) -> list[dict[str, Any]]:
        """The groups of `cms.navigation` as they are: there is nothing in them that Unfold would have to call."""
        return cast(list[dict[str, Any]], self._get_value(self._unfold["SIDEBAR"]["navigation"], request))

    def _get_value(self, value: Any, *args: Any) -> Any:
        # Unfold tries to import each word that it shows, as if it were the path of a function: a path has a dot.
        return value if isinstance(value, str) and "." not in value else super()._get_value(value, *args)

    def _get_config(self, key: str, *args: Any) -> Any:
        told = self._unfold.get(key)
        return self._get_value(told, *args) if told else None

    def _get_colors(self, key: str, *args: Any) -> dict[str, dict[str, str]]:
        return self._colours

    @cached_property
    def _colours(self) -> dict[str, dict[str, str]]:
        return cast(dict[str, dict[str, str]], super()._get_colors("COLORS"))

    @cached_property
    def _unfold(self) -> dict[str, Any]:
        """The settings with what Unfold adds to them: put together once, where Unfold does it for each that it asks."""
        return cast(dict[str, Any], get_config(self.settings_name))


class EvergreenAdminConfig(AdminConfig):
    """Django's admin with our site."""

    default_site = "cms.site.EvergreenSite"

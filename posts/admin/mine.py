"""What everybody of the staff sets for themselves, and what they have seen."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from posts.admin.people_forms import alerts_field, check_address
from posts.admin.reading import asking
from posts.notifying import mark_seen, wants_alerts, wish_for_alerts


class MySettingsForm(forms.Form):
    """What one person wants."""

    gets_alerts = alerts_field()

    def __init__(self, *args: Any, address: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._address = address

    def clean(self) -> dict[str, Any] | None:
        """Alerts need an address to be mailed to."""
        cleaned = super().clean()
        check_address(self, self._address)
        return cleaned


def _my_settings(request: HttpRequest) -> HttpResponse:
    person = asking(request)
    sent = request.POST if request.method == "POST" else None
    form = MySettingsForm(sent, initial={"gets_alerts": wants_alerts(person)}, address=person.email)
    if form.is_valid():
        wish_for_alerts(person, form.cleaned_data["gets_alerts"])
        messages.success(request, _("Your settings are saved."))
        return HttpResponseRedirect(reverse("my_settings"))
    context = {**admin.site.each_context(request), "title": _("My settings"), "form": form, "address": person.email}
    return render(request, "admin/my_settings.html", context)


def _mark_seen(request: HttpRequest) -> HttpResponse:
    pk = request.POST.get("notice", "")
    if pk and not (pk.isdecimal() and len(pk) < 19):
        return HttpResponseBadRequest()
    mark_seen(asking(request), [int(pk)] if pk else None)
    return HttpResponseRedirect(reverse("admin:index"))


my_settings_view = admin.site.admin_view(_my_settings)
mark_seen_view = admin.site.admin_view(require_POST(_mark_seen))

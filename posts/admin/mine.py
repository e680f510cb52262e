"""What everybody of the staff sets for themselves, and what they were told."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django.views.i18n import LANGUAGE_QUERY_PARAMETER, set_language

from posts.admin.home_news import dismiss_introduction
from posts.admin.mine_forms import MySettingsForm
from posts.admin.notices import notices_before
from posts.admin.reading import asking
from posts.mailing import mails_leave
from posts.models import Profile
from posts.notifying import mark_seen
from posts.people import no_reply_address


def _my_settings(request: HttpRequest) -> HttpResponse:
    person = asking(request)
    profile = Profile.objects.of(person)
    profile.person = person
    form = MySettingsForm(request.POST if request.method == "POST" else None, profile=profile)
    if form.is_valid():
        with transaction.atomic():
            form.save()
        if profile.language:
            translation.activate(profile.language)
        messages.success(request, _("Your settings are saved."))
        return HttpResponseRedirect(reverse("my_settings"))
    context = {
        **admin.site.each_context(request),
        "title": _("My settings"),
        "form": form,
        "media": form.media,
        "address": person.email,
        "no_reply": no_reply_address(person),
        "mails_leave": mails_leave(),
    }
    return render(request, "admin/my_settings.html", context)


def _my_notices(request: HttpRequest) -> HttpResponse:
    before = _key(request.GET.get("before", ""))
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Notices"),
        "notices": notices_before(asking(request), before),
        "older": before is not None,
    }
    return render(request, "admin/my_notices.html", context)


def _mark_seen(request: HttpRequest) -> HttpResponse:
    told = request.POST.get("notice", "")
    pk = _key(told)
    if told and pk is None:
        return HttpResponseBadRequest()
    mark_seen(asking(request), [pk] if pk is not None else None)
    return HttpResponseRedirect(reverse("my_notices" if "listed" in request.POST else "admin:index"))


def _understood(request: HttpRequest) -> HttpResponse:
    dismiss_introduction(asking(request))
    return HttpResponseRedirect(reverse("admin:index"))


def _key(told: str) -> int | None:
    return int(told) if told.isascii() and told.isdecimal() and len(told) < 19 else None


def choose_language_view(request: HttpRequest) -> HttpResponse:
    """Django's own, which remembers the choice for whoever is logged in as well."""
    code = request.POST.get(LANGUAGE_QUERY_PARAMETER, "")
    if request.user.is_authenticated and code in dict(settings.LANGUAGES):
        Profile.objects.update_or_create(person=request.user, defaults={"language": code})
    answer: HttpResponse = set_language(request)
    return answer


my_settings_view = admin.site.admin_view(_my_settings)
my_notices_view = admin.site.admin_view(_my_notices)
welcome_view = admin.site.admin_view(require_POST(_understood))
mark_seen_view = admin.site.admin_view(require_POST(_mark_seen))

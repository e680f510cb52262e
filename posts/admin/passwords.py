"""A forgotten password, and the first one of somebody who was invited: Django's own pages, in our look."""

from typing import Any

from axes.helpers import get_client_ip_address
from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth import views
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

from posts.inviting import ask_for_password
from posts.mailing import mails_leave
from posts.models import Profile


class ForgottenForm(forms.Form):
    """The address of whoever forgot their password."""

    email = forms.EmailField(
        label=_("E-mail address"), max_length=254, widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "email"})
    )


class NewPasswordForm(SetPasswordForm):
    """A password, twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("new_password1", "new_password2"):
            self.fields[name].widget = UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"})


class _InOurLook:
    """The frame of the admin for whoever is not logged in."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With what the frame asks for."""
        request: HttpRequest = self.request  # type: ignore[attr-defined]
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        return {**admin.site.each_context(request), **context, "mails_leave": mails_leave()}


class ForgottenView(_InOurLook, views.PasswordResetView):
    """Asks for an address; whether anybody has it is told to nobody."""

    template_name = "admin/passwords/forgotten.html"
    form_class = ForgottenForm  # type: ignore[assignment]

    def form_valid(self, form: Any) -> HttpResponse:
        """A mail is asked for, and the same is answered to all."""
        ask_for_password(form.cleaned_data["email"], place=str(get_client_ip_address(self.request)))
        return HttpResponseRedirect(self.get_success_url())


class SentView(_InOurLook, views.PasswordResetDoneView):
    """Says to look for a mail."""

    template_name = "admin/passwords/sent.html"


class ChooseView(_InOurLook, views.PasswordResetConfirmView):
    """Behind the link: a new password, or that the link is used up."""

    template_name = "admin/passwords/choose.html"
    form_class = NewPasswordForm

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """In the language that the person chose, or was invited in; the browser goes on in it when they log in."""
        person = self.get_user(kwargs["uidb64"])
        language = Profile.objects.of(person).language if isinstance(person, User) else ""
        if not language or not translation.check_for_language(language):
            return super().dispatch(request, *args, **kwargs)
        translation.activate(language)
        request.LANGUAGE_CODE = translation.get_language()
        answer = super().dispatch(request, *args, **kwargs)
        if request.method == "POST" and answer.status_code == 302:
            answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, samesite="Lax", secure=request.is_secure())
        return answer


class ChosenView(_InOurLook, views.PasswordResetCompleteView):
    """Says that the password is set."""

    template_name = "admin/passwords/chosen.html"

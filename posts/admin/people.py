"""People and roles: who may come in and as what. People are deactivated, never deleted: their names stay in history."""

from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Field, ManyToManyField, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from posts.access import is_limited
from posts.admin.handing import of_person
from posts.admin.people_forms import (
    InvitationForm,
    NewPersonForm,
    OwnForm,
    PermissionChoice,
    PersonForm,
    RoleChoice,
    role_name,
    rooms_of,
)
from posts.admin.reading import asking
from posts.granting import beyond_roles, grantable_permissions, is_mightier_than_roles
from posts.handing_over import holdings
from posts.inviting import has_not_come_in, invite, invite_again, link_for
from posts.limiting import limit
from posts.mailing import mails_leave
from posts.moments import ago, told, written
from posts.notifying import called, wish_for_alerts
from posts.roles import ROLES


class RoleFilter(DropdownFilter):
    """People by what they may do."""

    title = _("role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[Any, Any]]:
        """The roles that there are."""
        return [(str(group.pk), role_name(group)) for group in Group.objects.order_by("name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Only what was chosen."""
        value = self.value() or ""
        return queryset.filter(groups=int(value)) if value.isdecimal() else queryset


class ActiveFilter(DropdownFilter):
    """People by whether they may log in."""

    title = _("may log in")
    parameter_name = "active"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Any]]:
        """What can be chosen."""
        return [("yes", _("Yes")), ("no", _("No, deactivated"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Only what was chosen."""
        return queryset.filter(is_active=self.value() == "yes") if self.value() else queryset


LIMITS: Any = (_("Where this person may do it"), {"fields": ("limited", "rooms")})

admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(User)
class PersonAdmin(DjangoUserAdmin, ModelAdmin):
    """People, with the roles that they have."""

    form = PersonForm
    add_form = NewPersonForm
    # Django's tells of further options on a second page; here everything is on the first.
    add_form_template = None
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "full_name", "email", "roles", "may_log_in", "seen")
    list_filter = (RoleFilter, ActiveFilter)
    list_filter_submit = True
    ordering = ("username",)
    actions = None
    filter_horizontal = ()
    add_fieldsets = (
        (None, {"fields": ("username", "password1", "password2")}),
        (_("Person"), {"fields": ("first_name", "last_name", "email", "groups")}),
    )
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": ("first_name", "last_name", "email", "gets_alerts")}),
        (_("What this person may do"), {"fields": ("is_active", "groups")}),
        LIMITS,
        (_("Dates"), {"fields": ("seen", "joined")}),
    )
    list_before_template = "admin/people/invitation.html"
    change_form_outer_before_template = "admin/people/desk.html"
    superuser_fieldset = (_("For superusers"), {"fields": ("is_staff", "is_superuser", "user_permissions")})

    def get_urls(self) -> list[URLPattern]:
        """The pages of a person beside Django's own, which end in one that takes any path."""
        wrap = self.admin_site.admin_view
        ours = [
            path("invite/", wrap(self.invite_view), name="auth_user_invite"),
            path("<int:pk>/invite/", wrap(self.invite_again_view), name="auth_user_invite_again"),
            path("<int:pk>/hand-over/", wrap(of_person), name="auth_user_hand_over"),
        ]
        return [*ours, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With the roles, for the list."""
        people = super().get_queryset(request).select_related("profile")
        return people.prefetch_related("groups", "profile__collections")

    # --- Who may do what

    def has_view_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Not for whoever is limited to some collections: to change people would be a way out."""
        return bool(super().has_view_permission(request, obj)) and not is_limited(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """As for seeing people."""
        return bool(super().has_add_permission(request)) and not is_limited(request.user)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Whoever is mightier than roles is changed by superusers alone, the password too: it would lend the might."""
        allowed: bool = super().has_change_permission(request, obj) and not is_limited(request.user)
        return allowed and (obj is None or request.user.is_superuser or not is_mightier_than_roles(obj))

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nobody is deleted: whoever wrote or approved something stays known."""
        return False

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """What makes somebody mighty is for superusers to see and to change; nobody limits themselves, or these."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is not None and (obj.is_superuser or obj.pk == request.user.pk):
            fieldsets = tuple(each for each in fieldsets if each is not LIMITS)
        return (*fieldsets, self.superuser_fieldset) if obj is not None and request.user.is_superuser else fieldsets

    def get_form(
        self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any
    ) -> "type[forms.ModelForm[Any]]":
        """On one's own page, one that says why name and address stay."""
        if "email" in self.get_readonly_fields(request, obj):
            kwargs.setdefault("form", OwnForm)
        form: type[forms.ModelForm[Any]] = super().get_form(request, obj, change=change, **kwargs)
        return form

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Nobody locks himself out, nor becomes a stranger to what he pushed, which he could then approve."""
        fixed = ("seen", "joined")
        if obj is None or obj.pk != request.user.pk:
            return fixed
        return (*fixed, "is_active") if request.user.is_superuser else (*fixed, "is_active", "username", "email")

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest | None, **kwargs: Any) -> Any:
        """Roles to tick, without the buttons that would open a role from in here."""
        if isinstance(db_field, ManyToManyField) and request is not None:
            return self.formfield_for_manytomany(db_field, request, **kwargs)
        return super().formfield_for_dbfield(db_field, cast(HttpRequest, request), **kwargs)

    def formfield_for_manytomany(
        self, db_field: ManyToManyField, request: HttpRequest, **kwargs: Any
    ) -> forms.ModelMultipleChoiceField | None:
        """Only roles that this person may give."""
        if db_field.name != "groups":
            return super().formfield_for_manytomany(db_field, request, form_class=PermissionChoice, **kwargs)
        groups = Group.objects.order_by("name")
        if not request.user.is_superuser:
            groups = groups.exclude(pk__in=beyond_roles(Group.objects.all()).values("pk"))
        return RoleChoice(queryset=groups, required=False, label=_("Roles"))

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm, change: bool) -> None:
        """Whoever is added is to use this desk."""
        if not change:
            obj.is_staff = True
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: forms.ModelForm, formsets: Any, change: bool) -> None:
        """With the limit and the wish for alerts, which are no columns of a person."""
        super().save_related(request, form, formsets, change)
        person = form.instance
        if {"limited", "rooms"} & set(form.changed_data) and LIMITS in self.get_fieldsets(request, person):
            limit(person, rooms_of(form), by=asking(request))
        if "gets_alerts" in form.changed_data:
            wish_for_alerts(form.instance, form.cleaned_data["gets_alerts"])

    def response_change(self, request: HttpRequest, obj: User) -> HttpResponse:
        """Whoever cannot log in any more works on nothing: what is still theirs is asked for."""
        if not obj.is_active and holdings(obj, by=asking(request)):
            # That page says why it comes.
            return HttpResponseRedirect(reverse("admin:auth_user_hand_over", args=[obj.pk]))
        return super().response_change(request, obj)

    # --- Invitations

    def invite_view(self, request: HttpRequest) -> HttpResponse:
        """Ask whom to invite, as what and in which language."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        roles = self.formfield_for_manytomany(User._meta.get_field("groups"), request)
        form = InvitationForm(request.POST if request.method == "POST" else None, roles=roles)
        if form.is_valid():
            given = form.cleaned_data
            with transaction.atomic():
                person = invite(
                    given["username"],
                    given["email"],
                    name=(given["first_name"], given["last_name"]),
                    groups=list(given["groups"]),
                    language=given["language"],
                    rooms=rooms_of(form),
                    by=asking(request),
                )
                self.log_addition(request, person, [{"added": {}}])
            return self._invited(request, person)
        context = {**self.admin_site.each_context(request), "title": gettext("Invite somebody"), "form": form}
        return TemplateResponse(request, "admin/people/invite.html", {**context, "mails_leave": mails_leave()})

    def invite_again_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Mail the link once more, and show it."""
        person = get_object_or_404(User, pk=pk)
        if not self.has_change_permission(request, person):
            raise PermissionDenied
        if request.method != "POST" or not has_not_come_in(person):
            return HttpResponseRedirect(reverse("admin:auth_user_change", args=[pk]))
        invite_again(person, by=asking(request))
        return self._invited(request, person)

    def _invited(self, request: HttpRequest, person: User) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Invited"),
            "person": person,
            "name": called(person),
            "link": link_for(person),
            "days": settings.PASSWORD_RESET_TIMEOUT // 86400,
            "mails_leave": mails_leave(),
        }
        return TemplateResponse(request, "admin/people/invited.html", context)

    def render_change_form(self, request: Any, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """With whether the person was invited and has not come in."""
        person = kwargs.get("obj")
        context["waits"] = person is not None and has_not_come_in(person)
        return super().render_change_form(request, context, *args, **kwargs)

    # --- The list

    @display(description=_("name"), ordering="last_name")
    def full_name(self, person: User) -> str:
        """First and last name."""
        return person.get_full_name() or "–"

    @display(description=_("roles"), label=True)
    def roles(self, person: User) -> list[str]:
        """The roles, as labels, and where they count."""
        names = [role_name(group) for group in person.groups.all()]
        profile = getattr(person, "profile", None)
        if profile is not None and profile.limited and not person.is_superuser:
            rooms = gettext(", ").join(each.name for each in profile.collections.all()) or "–"
            names.append(gettext("only in: %(collections)s") % {"collections": rooms})
        return [str(_("Superuser")), *names] if person.is_superuser else names

    @display(description=_("last login"), ordering="last_login")
    def seen(self, person: User) -> SafeString | str:
        """When they logged in last."""
        return ago(person.last_login)

    @display(description=_("date joined"))
    def joined(self, person: User) -> SafeString | str:
        """Since when there is an account."""
        return told(person.date_joined, written(person.date_joined))

    @display(description=_("may log in"), boolean=True, ordering="is_active")
    def may_log_in(self, person: User) -> bool:
        """Whether the account is active."""
        return person.is_active and person.is_staff


@admin.register(Group)
class RoleAdmin(DjangoGroupAdmin, ModelAdmin):
    """Roles: sets of permissions. A site may mix its own."""

    list_display = ("shown_name", "people", "permission_count")
    fields = ("name", "permissions")
    filter_horizontal = ()
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With how many people have it."""
        return (
            super()
            .get_queryset(request)
            .annotate(
                people_count=Count("user", filter=Q(user__is_active=True), distinct=True),
                permissions_held=Count("permissions", distinct=True),
            )
        )

    def has_view_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """As for people."""
        return bool(super().has_view_permission(request, obj)) and not is_limited(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """As for people."""
        return bool(super().has_add_permission(request)) and not is_limited(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """A role that holds more than roles are made of is a superuser's."""
        allowed: bool = super().has_change_permission(request, obj) and not is_limited(request.user)
        if not allowed or obj is None or request.user.is_superuser:
            return allowed
        return not beyond_roles(Group.objects.filter(pk=obj.pk)).exists()

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """Our own roles stay."""
        allowed: bool = super().has_delete_permission(request, obj)
        return allowed and (obj is None or obj.name not in ROLES)

    def get_readonly_fields(self, request: HttpRequest, obj: Group | None = None) -> Any:
        """Our own roles keep their names, by which they are found."""
        return ("name",) if obj is not None and obj.name in ROLES else ()

    def formfield_for_manytomany(
        self, db_field: ManyToManyField, request: HttpRequest | None = None, **kwargs: Any
    ) -> forms.ModelMultipleChoiceField | None:
        """What a role may hold; a superuser chooses among everything."""
        if request is None or not request.user.is_superuser:
            kwargs["queryset"] = grantable_permissions()
        kwargs["widget"] = UnfoldAdminCheckboxSelectMultipleWidget()
        kwargs["form_class"] = PermissionChoice
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    @display(description=_("role"), ordering="name")
    def shown_name(self, group: Group) -> str:
        """The name in the reader's language."""
        return role_name(group)

    @display(description=pgettext_lazy("who have a role", "people"), ordering="people_count")
    def people(self, group: Any) -> int:
        """How many active people have it."""
        return int(group.people_count)

    @display(description=_("permissions"))
    def permission_count(self, group: Any) -> int:
        """How many permissions it holds."""
        return int(group.permissions_held)

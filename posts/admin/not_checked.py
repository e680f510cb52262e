"""Says on a list that goes by what the checks found that they have still to look at some of the posts."""

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext

from posts.access import within
from posts.admin.reading import asking
from posts.cross_checking import not_checked_yet, not_compared_yet
from posts.models import Collection, Post


def words_for_not_checked(number: int) -> str:
    """That so many posts may be missing; "" for none."""
    words = ngettext(
        "The checks have not looked at %(count)d post yet: it may be missing here.",
        "The checks have not looked at %(count)d posts yet: they may be missing here.",
        number,
    )
    return words % {"count": number} if number else ""


def tell_what_is_not_checked(admin: ModelAdmin, request: HttpRequest, *, comparing: bool = False) -> None:
    """Say how many posts whoever asks may miss; with `comparing` also that posts are still compared with others."""
    by = asking(request)
    said = words_for_not_checked(not_checked_yet(within(by, Post.objects.order_by())).count())
    if not said and comparing and not_compared_yet(within(by, Collection.objects.all(), "pk")):
        said = gettext("The posts are still being compared with one another: what comes of that may be missing here.")
    if said:
        admin.message_user(request, said, messages.INFO)

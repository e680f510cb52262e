"""What a collection's page says of its webhooks and of the builds of its site."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from posts.credentials import hook_secret, hook_secret_variable
from posts.models import Collection
from posts.moments import ago
from posts.whereabouts import latest_builds

_LATEST = 5


def hooks_of(request: HttpRequest, collection: Collection) -> dict[str, Any]:
    """The newest builds, and for whoever may change the collection the addresses of its webhooks.

    Of the secret it says whether there is one, and where it belongs.
    """
    found: dict[str, Any] = {
        "builds": [(build, ago(build.at)) for build in latest_builds(collection, _LATEST)],
        "may_read_logs": request.user.has_perm("posts.sync_collection"),
    }
    if request.user.has_perm("posts.change_collection"):
        found["hook_url"] = request.build_absolute_uri(reverse("hook", args=[collection.name]))
        found["build_hook_url"] = request.build_absolute_uri(reverse("build_hook", args=[collection.name]))
        found["hook_secret_is_set"] = bool(hook_secret(collection.name, collection.credentials))
        found["hook_secret_variable"] = hook_secret_variable(collection)
    return found

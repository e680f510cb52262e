"""The roles: groups made of permissions, so that a site can mix its own (DESIGN §3)."""

from collections.abc import Mapping

_VOCABULARIES = ("tag", "organisation", "person", "product", "mediawork", "project", "series", "category", "area")
_RECORDS = ("revision", "event", "conflict", "problem", "sync", "collection", "bulkstep")

_READING = (
    "posts.view_post",
    *(f"posts.view_{model}" for model in _RECORDS),
    *(f"taxonomy.view_{model}" for model in _VOCABULARIES),
)
_WRITER = (*_READING, "posts.add_post", "posts.change_post", "posts.submit_post")
_REVIEWER = (*_WRITER, "posts.review_post")
_PUBLISHER = (*_REVIEWER, "posts.publish_post", "posts.sync_collection")
_CURATOR = (
    *_READING,
    "posts.change_post",
    "posts.bulk_post",
    *(f"taxonomy.{verb}_{model}" for model in _VOCABULARIES for verb in ("add", "change", "delete")),
)
_ADMINISTRATOR = (
    *_READING,
    "posts.add_collection",
    "posts.change_collection",
    "posts.sync_collection",
    *(f"auth.{verb}_{model}" for model in ("user", "group") for verb in ("add", "change", "view")),
)

ROLES: Mapping[str, tuple[str, ...]] = {
    "Writer": _WRITER,
    "Reviewer": _REVIEWER,
    "Publisher": _PUBLISHER,
    "Curator": _CURATOR,
    "Administrator": _ADMINISTRATOR,
}
"""The permissions of each role, as "app.codename"."""

"""The pages of the admin that touch posts; each module registers its own."""

from posts.admin import (  # noqa: F401
    bulk_steps,
    collections,
    conflicts,
    findings,
    home,
    mishearings,
    people,
    post_admin,
    problems,
    syncs,
    terms,
)

"""The addresses beside the admin's own."""

from django.urls import URLPattern, URLResolver, path

from posts.admin.mine import mark_seen_view, my_settings_view
from posts.hooks import build_hook, hook
from posts.views import image_upload, preview, preview_blocks, preview_frame, preview_style

# The paths that markdownx's script calls unless a setting names others.
urlpatterns: list[URLPattern | URLResolver] = [
    path("markdownx/markdownify/", preview, name="markdownx_markdownify"),
    path("markdownx/upload/", image_upload, name="markdownx_upload"),
    path("hooks/<str:name>/", hook, name="hook"),
    path("hooks/<str:name>/build/", build_hook, name="build_hook"),
    # What everybody has of their own.
    path("my/settings/", my_settings_view, name="my_settings"),
    path("my/notices/seen/", mark_seen_view, name="my_notices_seen"),
    path("preview/<int:collection>/", preview_blocks, name="preview_blocks"),
    path("preview/<int:collection>/frame/", preview_frame, name="preview_frame"),
    path("preview/<int:collection>/style.css", preview_style, name="preview_style"),
]

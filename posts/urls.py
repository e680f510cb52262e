"""The addresses beside the admin's own."""

from django.urls import URLPattern, URLResolver, path

from posts.admin.handing import my_hand_over_view
from posts.admin.mine import choose_language_view, mark_seen_view, my_notices_view, my_settings_view, welcome_view
from posts.admin.passwords import ChooseView, ChosenView, ForgottenView, SentView
from posts.hooks import build_hook, hook
from posts.outside import outside_image_view, outside_view
from posts.views import image_upload, preview, preview_blocks, preview_frame, preview_style

# The paths that markdownx's script calls unless a setting names others.
urlpatterns: list[URLPattern | URLResolver] = [
    path("markdownx/markdownify/", preview, name="markdownx_markdownify"),
    path("markdownx/upload/", image_upload, name="markdownx_upload"),
    path("hooks/<str:name>/", hook, name="hook"),
    path("hooks/<str:name>/build/", build_hook, name="build_hook"),
    # What everybody has of their own.
    path("i18n/setlang/", choose_language_view, name="set_language"),
    path("my/settings/", my_settings_view, name="my_settings"),
    path("my/welcome/", welcome_view, name="my_welcome"),
    path("my/hand-over/", my_hand_over_view, name="my_hand_over"),
    path("my/notices/", my_notices_view, name="my_notices"),
    path("my/notices/seen/", mark_seen_view, name="my_notices_seen"),
    path("preview/<int:collection>/", preview_blocks, name="preview_blocks"),
    path("preview/<int:collection>/frame/", preview_frame, name="preview_frame"),
    path("preview/<int:collection>/style.css", preview_style, name="preview_style"),
    path("outside/<str:token>/", outside_view, name="outside"),
    path("outside/<str:token>/image/", outside_image_view, name="outside_image"),
    # By the names that Django and Unfold know them by.
    path("password/", ForgottenView.as_view(), name="admin_password_reset"),
    path("password/sent/", SentView.as_view(), name="password_reset_done"),
    path("password/<uidb64>/<token>/", ChooseView.as_view(), name="password_reset_confirm"),
    path("password/chosen/", ChosenView.as_view(), name="password_reset_complete"),
]

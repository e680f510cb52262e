"""An error told at the field of the form that it is about."""

from posts.errors import EvergreenError
from posts.forms import BODY, PostForm
from posts.wording import worded_error

_ABOUT_THE_PATH = frozenset(
    {
        "path_taken",
        "place_not_left",
        "outside_globs",
        "path_outside",
        "path_length",
        "path_control_character",
        "address_taken",
        "address_taken_elsewhere",
    }
)
_ABOUT_THE_BODY = frozenset({"body_changed", "body_not_text"})


def blame(form: PostForm, error: EvergreenError) -> None:
    """Tell `error` at its field, or above all of them."""
    key = str(error.facts.get("key", ""))
    if error.code in _ABOUT_THE_PATH:
        key = "path"
    elif error.code in _ABOUT_THE_BODY:
        key = BODY
    form.add_error(key if key in form.fields else None, worded_error(error))

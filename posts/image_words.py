"""What is told of images that are not taken: a part of `posts.wording`."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

IMAGE_WORDS: Mapping[str, Promise] = {
    "image_svg": _("SVG images are not taken, as they may hold programs. Save it as PNG, and take that."),
    "image_heic": _("HEIC and AVIF are not taken. Save it as JPEG, and take that."),
    "image_type": _("This is no JPEG, PNG, WebP or GIF, whatever its name says. Save it as one of these."),
    "image_broken": _("This image is broken and cannot be read. Save it again, and take that."),
    "image_too_large": _("The image is larger than {megabytes} MB. Make it smaller."),
    "image_too_many_pixels": _("The image has more than {megapixels} million pixels. Make it smaller."),
    "image_moves_too_long": _("This animation has too many or too large frames. Shorten it."),
    "image_kind": _("{path} is of a kind that cannot be replaced here. Replace it in the repository."),
    "image_missing": _("No file was chosen. Choose an image."),
    "image_no_folder": _(
        "This collection takes no images yet. An Administrator must say in its settings where they lie."
    ),
    "image_enough_today": _("You have brought {images} images within a day. Go on tomorrow, or ask somebody else."),
    "image_unknown": _("There is no image {path} in the repository any more. Load the list again."),
    "image_waits_elsewhere": _(
        "Another replacement of {path} waits already, made from “{post}”. Publish or discard that one first."
    ),
    "image_not_sent_yet": _(
        "{path} has not been sent to the repository yet. Insert the other image as a new one, and delete this one from "
        "the text."
    ),
    "image_same": _("This is the very image that is there already."),
    "image_taken": _(
        "The repository has another file at {image} since. Look at it; then insert the image again as a new one, or "
        "replace it anew."
    ),
}

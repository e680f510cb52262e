"""What a new post of a collection may start from."""

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from posts.document.document import Document
from posts.document.errors import DocumentError


def validate_template(text: str) -> None:
    """Refuse a text that no post could have."""
    try:
        document = Document.from_text(text.replace("\r\n", "\n"))
    except DocumentError as error:
        raise ValidationError(
            _("The front matter cannot be read (line %(line)s). Correct it first."),
            code=error.code,
            params={"line": error.line or 1},
        ) from error
    if not document.has_front_matter:
        raise ValidationError(_("It must begin with a line of ---, then “key: value” lines, then --- again."))


class PostTemplate(models.Model):
    """A whole file, front matter and body, that a new post starts from; its `draft` and `status` count for nothing."""

    collection = models.ForeignKey("posts.Collection", on_delete=models.CASCADE, related_name="templates")
    name = models.CharField(_("name"), max_length=80)
    text = models.TextField(
        _("text"),
        validators=[validate_template],
        help_text=_("A whole file: front matter between two lines of ---, then the body."),
    )

    class Meta:
        verbose_name = _("template")
        verbose_name_plural = _("templates for new posts")
        default_permissions: ClassVar = ()
        ordering: ClassVar = ["name", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["collection", "name"],
                name="one_template_per_name",
                violation_error_message=_("Another template of this collection has this name already."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Browsers send CRLF; a new file has line feeds."""
        self.text = self.text.replace("\r\n", "\n")

    @property
    def document(self) -> Document:
        """The text, read."""
        return Document.from_text(self.text)

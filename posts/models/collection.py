"""A collection: one git repository and branch, the globs of its posts, and its settings."""

import datetime
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from posts.checks import Severity
from posts.fields import BY_KEY
from posts.git import GitError, check_branch, check_url
from posts.image_addresses import MediaPlace
from posts.new_paths import filled, why_bad_path_pattern
from posts.paths import matcher, why_bad_glob, why_unsafe
from posts.previewing import Rules
from posts.site_addresses import PARTS, is_site, why_bad_pattern
from posts.term_addresses import why_bad_line
from posts.workflow import SecondEyes


def validate_url(url: str) -> None:
    """Refuse an address that git may not be given (DESIGN §6: `ext::`, a leading `-`, credentials in it)."""
    try:
        check_url(url)
    except GitError as error:
        raise ValidationError(
            _("This address is not allowed. Use https://, ssh:// or the path of a folder, without a password in it."),
            code=error.code,
        ) from error


def validate_branch(branch: str) -> None:
    """Refuse a name that git would not take as a branch."""
    try:
        check_branch(branch)
    except GitError as error:
        raise ValidationError(_("This is not the name of a branch."), code=error.code) from error


def validate_globs(globs: str) -> None:
    """Refuse patterns that cannot be read, or that would take for ever to match."""
    for line in globs.splitlines():
        if line.strip() and why_bad_glob(line.strip()):
            raise ValidationError(
                _("“%(glob)s” cannot be used as a pattern. Use letters, /, ** for any folders, and few * in one step."),
                params={"glob": line.strip()},
            )


def validate_site_url(url: str) -> None:
    """Refuse what cannot stand before the address of a post: another scheme than http, a password, a query."""
    if not is_site(url):
        raise ValidationError(_("Use an address that begins with https://, without a password or a question mark."))


def validate_post_url(pattern: str) -> None:
    """Refuse a pattern that is none, or that names a part which a post's path does not have."""
    match why_bad_pattern(pattern):
        case "start":
            raise ValidationError(_("It stands behind the address of the site, so it must begin with /."))
        case "braces":
            raise ValidationError(_("The braces do not match, or there is a blank. Write it as in /{year}/{stem}/."))
        case "nameless":
            raise ValidationError(_("All posts would have this address. Name a part of the path, as in /{stem}/."))
        case str(unknown):
            raise ValidationError(
                _("“{%(name)s}” is no part of a post's path. There are: %(parts)s."),
                params={"name": unknown, "parts": ", ".join(f"{{{part}}}" for part in PARTS)},
            )


def validate_known_keys(keys: str) -> None:
    """Refuse a key that no post can have a value for, as nobody could ever fill it in."""
    for key in keys.split():
        if key not in BY_KEY:
            raise ValidationError(_("“%(key)s” is none of the known keys."), params={"key": key})


def validate_path_pattern(pattern: str) -> None:
    """Refuse a pattern for the paths of new posts that gives no path, or the same one to all of them."""
    match why_bad_path_pattern(pattern):
        case None:
            return
        case "braces":
            raise ValidationError(_("The braces do not match. Write it as in src/posts/{date:%Y}/{slug}.md."))
        case "slug":
            raise ValidationError(_("All new posts would have this path. Put {slug} where the title goes."))
        case str(unknown):
            raise ValidationError(
                _("“{%(name)s}” is not known. There are {slug}, and {date:…} with %%Y, %%m and %%d."),
                params={"name": unknown},
            )


def validate_term_urls(lines: str) -> None:
    """Refuse a line that gives the terms of no key an address, or all of them the same one."""
    for line in lines.splitlines():
        match why_bad_line(line):
            case "key":
                said = _("“%(line)s”: there is no such list of terms. Begin with its key, as in tags: /tags/{name}/.")
            case "nameless":
                said = _("“%(line)s”: all terms would have this address. Put {slug}, {name} or {written} into it.")
            case "braces":
                said = _("“%(line)s”: in braces there can be {slug}, {name} and {written} only.")
            case None:
                continue
            case _:
                said = _("“%(line)s”: write the key, a colon and the address, as in tags: /tags/{name}/.")
        raise ValidationError(said, params={"line": line.strip()[:100]})


def validate_media_folder(folder: str) -> None:
    """Refuse what is no folder inside the repository."""
    if why_unsafe(folder.rstrip("/")) or folder.startswith(":"):
        raise ValidationError(_("Write the folder as seen from the top of the repository, as in src/assets/images."))


def validate_media_url(url: str) -> None:
    """Refuse what cannot stand before the name of an image: neither a path of the site nor a whole address."""
    if not (url.startswith("/") and not url.startswith("//")) and not is_site(url):
        raise ValidationError(_("Write the address as in /assets/images, or with https:// where it is another site's."))
    if any(character in url for character in "?#<>()[]\\\"' \t\r\n"):
        raise ValidationError(_("Use letters, digits, hyphens and slashes only."))


class Collection(models.Model):
    """A set of posts that live in one branch of one git repository."""

    class SecondPair(models.TextChoices):
        BEFORE = SecondEyes.BEFORE, _("before anything is published")
        AFTERWARDS = SecondEyes.AFTERWARDS, _("afterwards, for corrections of live posts")
        OFF = SecondEyes.OFF, _("never (a site of one)")

    class BlocksFrom(models.TextChoices):
        NOTHING = "nothing", _("nothing at all")
        BREAKS = Severity.BREAKS, _("what breaks the build")
        WRONG = Severity.WRONG, _("that, and whatever is wrong")
        DOUBT = Severity.DOUBT, _("that, and whatever is doubtful")

    class Aliases(models.TextChoices):
        KEEP = "keep", _("leave them as they are in the file")
        WRITE_OUT = "write_out", _("write the term’s own name with the next edit of the post")

    class Slugs(models.TextChoices):
        PINYIN = "pinyin", _("in pinyin (mei-gu-bao-die)")
        AS_WRITTEN = "as_written", _("as they are (美股暴跌)")

    name = models.CharField(
        _("name"),
        max_length=60,
        unique=True,
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9-]*$", _("Small letters, digits and hyphens only."))],
    )
    url = models.CharField(
        _("address of the repository"),
        max_length=500,
        validators=[validate_url],
        help_text=_("https://, ssh:// or the path of a folder. Credentials never stand in it."),
    )
    branch = models.CharField(_("branch"), max_length=200, default="main", validators=[validate_branch])
    globs = models.TextField(
        _("which files are posts"),
        default="src/posts/**/*.md",
        validators=[validate_globs],
        help_text=_("One pattern a line; ** stands for any folders."),
    )
    push_drafts = models.BooleanField(
        _("push drafts"),
        default=True,
        help_text=_("Saved drafts go to the repository, where the site does not show them."),
    )
    second_eyes = models.CharField(
        _("second pair of eyes"), max_length=20, choices=SecondPair.choices, default=SecondPair.BEFORE
    )
    machine_authors = models.TextField(
        _("machine authors"),
        blank=True,
        help_text=_("E-mail addresses of pipelines, one a line. Whoever commits with one counts as nobody."),
    )
    review_months = models.PositiveSmallIntegerField(_("months until an evergreen post is looked at again"), default=12)
    sync_minutes = models.PositiveSmallIntegerField(_("minutes between syncs"), default=5)
    brake_files = models.PositiveIntegerField(
        _("changed files that stop a sync"),
        default=200,
        help_text=_("A sync that would change more files asks a Publisher first."),
    )
    brake_deletions = models.PositiveIntegerField(
        _("deleted files that stop a sync"),
        default=20,
        help_text=_("A sync that would delete more files asks a Publisher first."),
    )
    credentials = models.CharField(
        _("name of the credentials"),
        max_length=40,
        blank=True,
        validators=[RegexValidator(r"^[A-Za-z0-9_]+$", _("Letters, digits and underscores only."))],
        help_text=_("Under which name the server's environment has the key or token. They never stand in here."),
    )
    site_url = models.URLField(_("address of the site"), blank=True, max_length=300, validators=[validate_site_url])
    post_url = models.CharField(
        _("address of a post on the site"),
        max_length=300,
        blank=True,
        validators=[validate_post_url],
        help_text=_("Behind the address of the site, with the parts of the path in braces, as in /{stem}/."),
    )
    required_keys = models.TextField(
        _("required keys"), blank=True, default="title\ndate\nsummary", validators=[validate_known_keys]
    )
    other_keys = models.TextField(_("other keys that are known"), blank=True)
    longest_title = models.PositiveSmallIntegerField(_("longest title"), default=80)
    longest_summary = models.PositiveSmallIntegerField(_("longest summary"), default=500)
    blocks_from = models.CharField(
        _("what stands in the way of a review"), max_length=10, choices=BlocksFrom.choices, default=BlocksFrom.BREAKS
    )
    blocking_codes = models.JSONField(_("these stand in the way, too"), default=list, blank=True)
    codes_off = models.JSONField(_("not looked for"), default=list, blank=True)
    checklist = models.JSONField(_("checklist before publishing"), default=dict, blank=True, editable=False)
    media_folder = models.CharField(
        _("folder of the images"),
        max_length=300,
        blank=True,
        validators=[validate_media_folder],
        help_text=_("From the top of the repository, as in src/assets/images. Empty: no images can be added here."),
    )
    media_url = models.CharField(
        _("address of that folder on the site"),
        max_length=300,
        blank=True,
        validators=[validate_media_url],
        help_text=_("What stands before an image's name in a text, as in /assets/images."),
    )
    images_counted_for = models.TextField(blank=True, default="", editable=False)
    images_counted_to = models.BigIntegerField(null=True, editable=False)
    markdown_html = models.BooleanField(
        _("HTML in the text"), default=True, help_text=_("HTML that stands in a text is shown as such.")
    )
    markdown_linkify = models.BooleanField(
        _("addresses become links"), default=False, help_text=_("https://example.org in a text becomes a link.")
    )
    markdown_typographer = models.BooleanField(
        _("typographic signs"), default=False, help_text=_("Quotes and dashes become typographic ones.")
    )
    markdown_breaks = models.BooleanField(
        _("line ends are kept"), default=False, help_text=_("A single line end in a text begins a new line.")
    )
    markdown_footnotes = models.BooleanField(
        _("footnotes"), default=False, help_text=_("[^1] in a text is a footnote (markdown-it-footnote).")
    )
    markdown_task_lists = models.BooleanField(
        _("lists of tasks"), default=False, help_text=_("- [ ] in a text is a box (markdown-it-task-lists).")
    )
    markdown_definition_lists = models.BooleanField(
        _("lists of definitions"), default=False, help_text=_("A line that begins with a colon (markdown-it-deflist).")
    )
    markdown_heading_anchors = models.BooleanField(
        _("headings with addresses"),
        default=False,
        help_text=_("Links within a text lead to its headings (markdown-it-anchor)."),
    )
    preview_class = models.CharField(
        _("class around the text"),
        max_length=200,
        blank=True,
        validators=[RegexValidator(r"^[\w-]+( [\w-]+)*$", _("Names of classes, with a blank between them."))],
        help_text=_("The site's style sheet may ask for it, as in “post-body prose”."),
    )
    preview_css = models.TextField(
        _("style sheet of the site"),
        blank=True,
        max_length=400_000,
        help_text=_("Its text, pasted here: the preview then looks like the site. Nothing is loaded from the site."),
    )
    path_pattern = models.CharField(
        _("path of a new post"),
        max_length=300,
        blank=True,
        validators=[validate_path_pattern],
        help_text=_("As in src/posts/{date:%Y}/{slug}.md. Empty: date and title, in the folder of the first pattern."),
    )
    slugs = models.CharField(_("Chinese titles in paths"), max_length=20, choices=Slugs.choices, default=Slugs.PINYIN)
    aliases = models.CharField(
        _("other names for a term"), max_length=20, choices=Aliases.choices, default=Aliases.KEEP
    )
    term_urls = models.TextField(
        _("addresses of terms on the site"), blank=True, max_length=2000, validators=[validate_term_urls]
    )
    head = models.CharField(_("last commit seen"), max_length=64, blank=True, editable=False)
    head_globs = models.TextField(blank=True, editable=False)
    synced_at = models.DateTimeField(_("last synced"), null=True, blank=True, editable=False)
    practice = models.BooleanField(_("for practice"), default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("collection")
        verbose_name_plural = _("collections")
        ordering: ClassVar = ["name"]
        permissions: ClassVar = [("sync_collection", _("Can sync a collection now, upload and download"))]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["url", "branch"],
                name="one_collection_per_branch",
                violation_error_message=_("Another collection has this repository and branch already."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse settings that do not go together."""
        super().clean()
        self.media_folder = self.media_folder.strip().rstrip("/")
        if bool(self.media_folder) != bool(self.media_url):
            missing = "media_url" if self.media_folder else "media_folder"
            raise ValidationError({missing: _("The folder of the images and its address go together.")})
        if not self.path_pattern or why_bad_path_pattern(self.path_pattern):
            return
        example = filled(self.path_pattern, "title", datetime.date(2026, 1, 31))
        if why_unsafe(example) or not matcher(self.patterns).fullmatch(example):
            told = _("A new post would stand at %(path)s, which is none of the files that are posts.")
            raise ValidationError({"path_pattern": ValidationError(told, params={"path": example})})

    @property
    def seen(self) -> str | None:
        """The commit up to which git's files are posts here; None where all of them must be looked at again.

        Globs that changed may concern files that no commit touches any more.
        """
        return self.head if self.head and self.head_globs == self.globs else None

    @property
    def patterns(self) -> list[str]:
        """The globs, one each."""
        return [line.strip() for line in self.globs.splitlines() if line.strip()]

    @property
    def blocking_severities(self) -> tuple[str, ...]:
        """Of what severity a finding must be to stand in the way by itself."""
        order = [severity.value for severity in Severity]
        return tuple(order[: order.index(self.blocks_from) + 1]) if self.blocks_from in order else ()

    @property
    def markdown_rules(self) -> Rules:
        """How the site has set its Markdown."""
        return Rules(
            html=self.markdown_html,
            linkify=self.markdown_linkify,
            typographer=self.markdown_typographer,
            breaks=self.markdown_breaks,
            footnotes=self.markdown_footnotes,
            task_lists=self.markdown_task_lists,
            definition_lists=self.markdown_definition_lists,
            heading_anchors=self.markdown_heading_anchors,
        )

    @property
    def machine_addresses(self) -> frozenset[str]:
        """The e-mail addresses that count as nobody, in small letters."""
        return frozenset(line.strip().lower() for line in self.machine_authors.splitlines() if line.strip())

    @property
    def media_place(self) -> MediaPlace | None:
        """Where its images lie, in the repository and on the site; None if nobody has said so."""
        if not (self.media_folder and self.media_url):
            return None
        return MediaPlace(self.media_folder.rstrip("/"), self.media_url, self.site_url)

    @property
    def images_counted(self) -> bool:
        """Whether it is known of all its texts which images they mention, with the folder and addresses as they are."""
        place = self.media_place
        return place is None or (self.images_counted_for == str(place) and self.images_counted_to is None)

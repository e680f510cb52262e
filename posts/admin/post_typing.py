"""What was typed into the form of a post, as fields or as the front matter's text, and what would come of it."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from posts import editing, fields
from posts.admin.post_actions import revision_named
from posts.admin.post_blame import blame
from posts.admin.post_history import sections, text_in_git
from posts.admin.post_rows import other_keys
from posts.admin.post_steps import PostSteps
from posts.document.document import Document
from posts.document.errors import EditRefused
from posts.document.heads import FIRST_LINE, front_matter_of, with_front_matter
from posts.editing import StaleEdit
from posts.errors import EvergreenError
from posts.fields import EDITABLE
from posts.forms import PostForm
from posts.models import Post, Revision
from posts.wording import worded, worded_error

FRONT_MATTER = "front_matter"
SHOWN = "front_matter_shown"


@dataclass(frozen=True, slots=True)
class Remark:
    """What is wrong or doubtful in the front matter's text, and on which line of it (None: nowhere in it)."""

    words: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Typed:
    """A form as it was sent. `document` is what comes of it; None where something is wrong, in the form or the text."""

    form: PostForm
    document: Document | None = None
    text: str | None = None
    as_text: bool = False
    wrong: list[Remark] = field(default_factory=list)


def typed_into(
    opened: Document,
    data: MultiValueDict[str, str],
    make: Callable[[Document, Any], PostForm] = PostForm,
    *,
    is_blank: bool = False,
) -> Typed:
    """What was typed into the form that was opened on `opened`; `make` makes such a form.

    `is_blank`: it was opened on a file without any value.

    The front matter's text, if it was sent, stands in the place of the opened one; while it is what the editor looks
    at it has the say, and the fields are as it says. Otherwise the fields have, and what they have no place for is
    the text's.
    """
    text = data.get(FRONT_MATTER)
    as_text = text is not None and data.get(SHOWN) == "text"
    base = opened
    if text is not None:
        try:
            base = with_front_matter(opened, text)
            editing.require_same_decisions(opened, base)
        except EvergreenError as error:
            return Typed(make(opened, data), None, text, as_text, [_remark(error)])
    form = make(base, _with_fields_of(base, data) if as_text else data)
    if not form.is_valid():
        return Typed(form, None, text, as_text)
    changes = fields.changes_onto(base, form.changes())
    try:
        if is_blank:
            document = editing.filled(base, changes, body=form.new_body())
        else:
            document = base.replace(changes, body=form.new_body(), key_order=fields.KEY_ORDER)
    except EditRefused as refusal:
        blame(form, refusal)
        return Typed(form, None, text, as_text)
    return Typed(form, document, text, as_text)


def both_views(typed: Typed) -> dict[str, Any]:
    """What was typed as the text of the front matter and as fields, for the form's script; and what is wrong where."""
    told: dict[str, Any] = {
        "wrong": [asdict(remark) for remark in typed.wrong],
        "fields": {key: [str(each) for each in errors] for key, errors in typed.form.errors.items()},
    }
    if typed.document is not None:
        read, faults = fields.read(typed.document)
        told["text"] = front_matter_of(typed.document)
        told["values"] = {each.key: read[each.key] for each in EDITABLE}
        told["others"] = other_keys(typed.document)
        told["doubtful"] = [
            asdict(Remark(worded(fault.code, fault.facts), _in_the_text(fault.line))) for fault in faults
        ]
    return told


def all_wrong(typed: Typed) -> Iterator[str]:
    """Everything that is wrong with what was typed, the label of its field before it."""
    yield from (remark.words for remark in typed.wrong)
    for key, errors in typed.form.errors.items():
        label = typed.form[key].label if key in typed.form.fields else ""
        yield from (f"{label}: {error}" if label else str(error) for error in errors)


def not_judged(form: PostForm, data: MultiValueDict[str, str]) -> Typed:
    """A form that is shown again with what was typed into it once: nothing of it is read yet."""
    text = data.get(FRONT_MATTER)
    return Typed(form, None, text, text is not None and data.get(SHOWN) == "text")


class PostTyping(PostSteps):
    """Two doors that save nothing."""

    def front_matter_view(self, request: Any, post_id: int) -> HttpResponse:
        """The form as it was sent, as the text of its front matter and as fields, with what is wrong and where."""
        sent = self._sent(request, post_id)
        if isinstance(sent, HttpResponse):
            return sent
        return JsonResponse(both_views(sent[1]))

    def changes_view(self, request: Any, post_id: int) -> HttpResponse:
        """What Save would change if it was pressed now, to the line; nothing is saved."""
        sent = self._sent(request, post_id)
        if isinstance(sent, HttpResponse):
            return sent
        post, typed, onto = sent
        context: dict[str, Any] = {"wrong": list(all_wrong(typed))}
        if typed.document is not None:
            now, then = post.present.text if post.present else "", typed.document.text
            try:
                then = editing.foreseen(post, typed.document, onto=onto).text
            except StaleEdit as stale:
                now = onto.text
                context["wrong"].append(worded_error(stale))
            in_git = text_in_git(post)
            context["saving"] = sections(now, then)
            context["new"] = in_git is None
            context["commit"] = sections(in_git, then) if in_git is not None and in_git != now else None
        template = "will_change_part" if request.headers.get("X-Requested-With") else "will_change"
        return self.page(request, post, template, _("What will change"), context)

    def _sent(self, request: HttpRequest, post_id: int) -> tuple[Post, Typed, Revision] | HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        post = self.opened(request, post_id)
        if not self.has_change_permission(request, post):
            raise PermissionDenied
        onto = revision_named(post, request.POST.get("onto", "")) or post.present
        if onto is None:
            raise Http404
        return post, typed_into(Document.from_text(onto.text), request.POST), onto


def _with_fields_of(document: Document, data: MultiValueDict[str, str]) -> MultiValueDict[str, str]:
    """`data` with the fields as `document` has them."""
    values = fields.read(document)[0]
    copied = data.copy()
    for each in EDITABLE:
        value = values[each.key]
        copied.setlist(each.key, ["", *value] if isinstance(value, list) else [str(value)])
    return copied


def _remark(error: EvergreenError) -> Remark:
    line = error.facts.get("line")
    return Remark(worded_error(error), _in_the_text(line if isinstance(line, int) else None))


def _in_the_text(line: int | None) -> int | None:
    """The line of the text between the fences that is this line of the file."""
    return None if line is None else max(1, line - FIRST_LINE + 1)

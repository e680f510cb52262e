"""What a bulk step that changes a vocabulary, and no post, is looked at by: its terms with their use."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse

from posts.admin.term_page import posts_address, term_address
from posts.models import BulkStep
from posts.term_uses import with_uses
from taxonomy.models import VOCABULARIES, Term

_SHOWN = 200


@dataclass(frozen=True, slots=True)
class TermRow:
    """A term of a step: its name and page, its other names, and its posts."""

    term: Term
    address: str
    others: str
    posts: int
    posts_address: str


def terms_of(step: BulkStep, by: User) -> dict[str, Any]:
    """What the page of `step` shows of terms to `by`; nothing where it is of posts. Three queries."""
    root, _forward = step.root
    if root.kind != BulkStep.Kind.TERMS or step.rows.exists():
        return {}
    definition = root.definition
    pks = definition.get("terms") or [definition[each] for each in ("term", "target") if each in definition]
    found = VOCABULARIES[definition["vocabulary"]]._default_manager.filter(pk__in=pks)
    shown = with_uses(found, by=by).prefetch_related("aliases").order_by("name")[:_SHOWN]
    rows = [
        TermRow(
            term,
            term_address(term),
            ", ".join(alias.name for alias in term.aliases.all()),
            term.post_count,
            posts_address(term),
        )
        for term in shown
    ]
    return {"of_terms": True, "term_rows": rows, "more_terms": len(pks) - _SHOWN}


def list_of_terms(step: BulkStep) -> str:
    """The list of the vocabulary that `step` changes; "" for one that changes none."""
    if step.kind != BulkStep.Kind.TERMS:
        return ""
    return reverse(f"admin:taxonomy_{step.definition['vocabulary']}_changelist")

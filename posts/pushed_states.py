"""The state of a post whose text came from git (DESIGN §3, row "import"). Pure."""

from posts.workflow import State, state_on_site


def after_import(
    state: State, *, ours_beside_git: bool, draft_or_status_changed: bool, mapped: State, text_changed: bool
) -> State:
    """The state after a push changed this post in git (DESIGN §3, row "import").

    `ours_beside_git`: the database had something that git had not. `mapped`: the mapping of the present text
    as it is after the merge, so that an archive or publish on its way to git is not unmade by what lost to it.

    - A review of changes that git has not is ours: draft, in review and changes requested stay whatever was
      pushed, and approved goes back to review, also when the push only opened a conflict.
    - Otherwise a push that changed `draft` or `status` decides, by the mapping.
    - Otherwise the state stays, but an approval names one exact text (§2.9): when that text changed, approved
      goes back to review even with nothing of ours beside git's.
    """
    if ours_beside_git and state == State.APPROVED:
        return State.IN_REVIEW
    if ours_beside_git and state in {State.DRAFT, State.IN_REVIEW, State.CHANGES_REQUESTED}:
        return state
    if draft_or_status_changed:
        return mapped
    if text_changed and state == State.APPROVED:
        return State.IN_REVIEW
    return state


def mapped(draft: bool, status: str) -> State:
    """The state that a text from git stands for, by its `draft` (as the site reads it) and `status` (DESIGN §3)."""
    if draft:
        return State.ARCHIVED if status == "archived" else State.DRAFT
    return state_on_site(status)

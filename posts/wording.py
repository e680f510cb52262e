"""What every code means, in words, with the remedy: said once, for screens, commands and reports alike."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from posts.check_words import name_of_finding, says_of_finding
from posts.errors import EvergreenError
from posts.image_words import IMAGE_WORDS
from posts.models.post import PostState
from posts.term_words import TERM_WORDS
from posts.workflow import Refusal
from posts.yaml_words import yaml_words

# The names in braces are facts of the error; each wording says what is wrong, and then what to do.
WORDINGS: dict[str, Promise] = {
    # a file that cannot be read
    "broken_yaml": _("The front matter cannot be read. {why}"),
    "duplicate_key": _("“{key}” stands twice in the front matter. Delete one of the two lines."),
    "not_a_mapping": _("The front matter is no list of “key: value” lines. Write one key and its value on each line."),
    "fence_not_closed": _("The front matter is not closed. Put a line with --- after its last key."),
    "fence_unclear": _("It is unclear where the front matter ends. Let this line be --- and nothing else."),
    "not_utf8": _("The file is not UTF-8. Save it again with the encoding UTF-8."),
    "nul": _("The file holds a NUL character, so it is perhaps no text. Remove that character."),
    "too_large": _("The file is larger than {limit} bytes. Split it, or take large data out of it."),
    "too_tangled": _(
        "So many brackets or tags are open in this text that showing it would take too long. Close or remove them."
    ),
    "front_matter_language": _("The front matter is in “{language}”. Only YAML is accepted here: rewrite it as YAML."),
    "too_many_aliases": _("The aliases in the front matter stand for more than {limit} values. Write them out."),
    "recursive_alias": _("An anchor in the front matter contains itself. Remove the alias from it."),
    "too_deep": _("The front matter is nested more than {limit} levels deep. Make it flatter."),
    "symlink": _("This is a symbolic link. Put the file itself in its place."),
    "no_file": _("This is no ordinary file. Leave it out."),
    "submodule": _("This is a submodule. Posts must be files of this repository."),
    "path_not_utf8": _("The name of this file is not UTF-8. Rename it."),
    "path_outside": _("This path leads out of the folder of posts. Rename the file."),
    "path_length": _("This path is empty or too long. Rename the file."),
    "path_control_character": _("The name of this file has a control character in it. Rename it."),
    "differs_only_by_case": _("Another post has this path in other letter case. Rename one of the two."),
    "twice_in_zip": _("The zip holds this path twice. Only the first was taken; pack it again."),
    "encrypted": _("This file is encrypted in the zip. Pack it again without a password."),
    "unreadable_in_zip": _("This file cannot be unpacked ({detail}). Pack the zip again."),
    # odd values
    "list_as_text": _(
        "This list is written as text ({value}). It is read as a list; saving the field writes it as one."
    ),
    "scalar_for_list": _("A single value stands where a list belongs. It is read as a list of one."),
    "wrong_kind": _("This value is of a kind that the field cannot hold. Correct it in the file."),
    "empty_item": _("The list has an empty item. Remove it."),
    "not_a_date": _("“{value}” is no date. Write it as 2026-02-13."),
    "name_too_long": _("A name is longer than {limit} characters. Shorten it."),
    # an edit that is refused
    "reads_back_wrong": _(
        "“{key}” cannot be changed without harm to the rest of the file. Correct it in the file itself."
    ),
    "anchor_in_use": _("Another key refers to the value of “{key}” by an alias. Remove the alias first."),
    "flow_mapping": _(
        "The front matter is written on one line in braces, where “{key}” cannot be added. Rewrite it as lines."
    ),
    "nested_items": _("The list “{key}” holds more than names. Correct it in the file itself."),
    "unsupported_value": _("“{key}” cannot take such a value."),
    "unusual_key": _("“{key}” is written in an unusual way. Correct it in the file itself."),
    "body_changed": _("The text would be read as front matter. Do not begin it with a line of ---."),
    "fence_inside": _("A line that begins with --- ends the front matter. Take it out, or begin it otherwise."),
    "body_not_text": _("The text holds a character that no file can hold. Remove it."),
    "result_too_large": _("The post would be larger than {limit} bytes. Shorten it."),
    "written_by_transitions": _("“draft” and “status” are changed by the steps of the review alone. Use the buttons."),
    "changed_meanwhile": _(
        "Somebody else changed the same part meanwhile. Nothing of yours was lost: compare, and save again."
    ),
    "start_unknown": _(
        "This file differs from the post; which text it started from is unknown. Download, correct and upload again."
    ),
    "not_taken_home": _(
        "You may bring back files of posts that you downloaded here. Somebody who may sync may upload this one."
    ),
    "nobody_to_edit": _("This would change a post, and it is unknown who asks. Name the person with --user."),
    "no_text": _("This post has no text."),
    "path_taken": _("There is a post with the path {path} already. Choose another one."),
    "place_not_left": _(
        "The post that stood at {path} has moved, but the repository still has its file there. Wait for the next sync, "
        "or choose another path."
    ),
    "address_taken": _(
        "“{other}” has the address {address} on the site already, and two posts with one address stop the site's "
        "build. Choose another path."
    ),
    "address_taken_elsewhere": _("A post that is closed to you has the address {address}. Choose another path."),
    "path_wants_title": _("Give the post a title or a path."),
    "path_wants_date": _("Give the post a date or a path."),
    "correct_first": _("Something in the form cannot be saved as it is. Save to see what, correct it, then try again."),
    "copy_elsewhere": _(
        "You typed something else into this form before, or in another window, and it is not saved. Go on with that "
        "or drop it first. Until then what you type here is kept in this browser."
    ),
    "outside_globs": _("{path} matches none of the collection's patterns. Choose another path."),
    # what was searched for
    "query_too_long": _("This is too long to search for. Use at most {limit} signs."),
    "not_a_day": _("“{value}” is no date. Write it as 2026, 2026-02 or 2026-02-13."),
    "unknown_state": _("“{value}” is no state. There are: {states}."),
    "unknown_mark": _("“is:{value}” is not known. There are: {marks}."),
    # a step that is refused
    "no_permission": _("Your role may not do this. Ask somebody who may."),
    "limit_self": _("Nobody limits themselves: ask another person who manages people."),
    "not_yours": _("Only whoever submitted or discarded it, or a Publisher, may do this."),
    "wrong_state": _("The post is in the state “{state}”, where this step cannot be taken."),
    "not_live": _("The post is not on the site."),
    "was_live": _("The post was on the site. Archive it instead."),
    "not_in_git": _("The post has no file in the repository."),
    "blocking_problem": _("A problem stands in the way: see the list of problems."),
    "finding_breaks": _(
        "The site could not be built with this text: {findings}. Mend it first; nobody can pass over this."
    ),
    "finding_blocks": _(
        "A check stands in the way: {findings}. Mend it, or ask a Publisher, who may pass over it with a reason."
    ),
    "reason_missing": _("A check found something: {findings}. Mend it, or say in a note why it may stay."),
    "finding_gone": _("This is not found in the text any more. Load the page again."),
    "nothing_to_mend": _("There is nothing of this kind left to mend. Load the page again."),
    "no_such_fix": _("This cannot be mended by itself. Edit the text."),
    "open_conflict": _("The post was changed on both sides. The conflict must be settled first."),
    "note_missing": _("Say what should be changed."),
    "you_wrote": _("You wrote a part of this text, so somebody else must approve it."),
    "you_submitted": _("You submitted this text, so somebody else must approve it."),
    "images_moved": _("Images of this post were replaced, or put back, since you opened it. Look again, then decide."),
    "text_moved": _("The text changed since you opened it. Look at it again, then decide."),
    "approval_void": _("This very text is not approved. It needs an approval first."),
    "nothing_earlier": _("There is no earlier approved text."),
    "same_as_git": _("There are no changes to discard."),
    "pending": _("What was decided last is still on its way to the repository. Try again in a minute."),
    "settled_already": _("Somebody settled this already. There is nothing left to choose."),
    "sides_moved": _("One of the two texts changed while you chose. Look at what is open now, then save again."),
    "choice_missing": _("Something is not chosen yet: choose one side, or write a third."),
    "not_your_form": _("Only whoever typed this can settle it."),
    "not_changed_outside": _("Nobody changed this post from outside, or somebody looked at it already."),
    "restore_first": _("The post is archived. Restore it first."),
    "cannot_review": _("{name} may not approve this text. Ask somebody else, or no one by name."),
    "not_in_review": _("This post is not in review, so that nobody is asked for one."),
    "due_passed": _("The day by which it is to be reviewed has passed. Choose a later one."),
    "cannot_work_on_posts": _("{name} may not change posts. Give them to somebody else."),
    "cannot_take_over": _("{name} may not do all of this work. Choose somebody who may."),
    "hand_to_other": _("Choose somebody else to hand things over to."),
    "checklist": _("Before it can go on, the collection’s checklist demands: {missing}."),
    # a step for later
    "not_plannable": _("This step cannot be set for later."),
    "time_passed": _("This time has passed. Choose one that is to come."),
    "too_far": _("This is more than ten years away. Choose an earlier date."),
    "no_such_time": _("The clocks are put forward over this time. Choose one before or after it."),
    "plan_over": _("This was done, cancelled or moved meanwhile. Look at what is planned now."),
    "state_at_hour": _("At that time the post was in a state in which this cannot be done."),
    "planner_left": _("{by}, who set this, can no longer sign in. Somebody who may take this step must set it again."),
    "planner_lost_right": _("{by}, who set this, may no longer take this step. Somebody who may must set it again."),
    "no_review_by": _("Only an evergreen post has a review-by date."),
    "day_passed": _("This day has passed. Choose one that is to come."),
    # git
    "unreachable": _("The repository cannot be reached. Check the address; the next sync tries it again."),
    "refused_credentials": _("The repository refuses our credentials. An Administrator must renew them."),
    "credentials_missing": _(
        "The server has no usable credentials for this repository: {variable} is not set, or its file cannot be "
        "read. An Administrator must set it."
    ),
    "host_key": _("The identity of the repository's server is unknown or changed. An Administrator must check it."),
    "no_repository": _("There is no repository at this address. Check the address."),
    "branch_missing": _("The repository has no such branch. Nothing was changed here; check the branch's name."),
    "rubbish_answer": _(
        "The server answers, but not as a repository does: with an empty page. Nothing was changed here. Check the "
        "address, and whether a login page or a proxy stands in between; it is tried again by itself."
    ),
    "push_rejected": _("Others kept sending changes at the same moment. It is tried again with the next sync."),
    "push_refused": _("The repository's server refuses the changes: {words}"),
    "timeout": _("The repository did not answer in time. It is tried again by itself."),
    "protocol_not_allowed": _("This kind of address is not allowed. Use https, ssh or a folder."),
    "bad_url": _("This address is not allowed. Use https, ssh or a folder, without a password in it."),
    "bad_branch": _("This is not the name of a branch."),
    "disk_full": _("The disk is full. Make room; nothing was lost."),
    "git_failed": _("Git failed: {words}"),
    "bad_path": _("The post cannot be written in the repository: a file or folder is in its way. Give it a new path."),
    "busy": _("Another sync of this collection is at work. Try again when it is done."),
    # a preview of a sync
    "nothing_chosen": _("No file was chosen. Tick the files that you want, then try again."),
    "sync_waits": _("A whole sync waits already and takes everything. Wait for its end, or stop it first."),
    # undoing a run
    "changed_since": _("It was changed since. Undo it by hand: the history has the text from before."),
    "never_shown": _(
        "The site keeps its text, since it never showed what this would make of it. The change waits here for a review."
    ),
    "there_before": _("The repository had this file before this sync already, so it is not deleted there."),
    "not_recorded": _("What this run changed here was not recorded. Undo it by hand: the history has the texts."),
    "no_undo_of_this": _("Only a sync, or the undoing of one, can be undone."),
    "still_at_work": _("It is still at work. Wait for its end, or stop it first."),
    "undo_at_work": _("{by} is undoing it already. Look at that run."),
    "undone_already": _("It was undone already by {by}. Undo that undoing to bring it back."),
    "nothing_to_undo": _("It changed nothing, so there is nothing to undo."),
    "undo_later_first": _(
        "Bulk step {number} (“{old}” → “{new}”) came after it and works on what it made. Undo that one first."
    ),
    # bulk steps
    "nothing_asked": _("Nothing is to be changed yet. Choose for at least one field what is to be done with it."),
    "unknown_field": _("“{key}” is not among the fields that can be changed in many posts at once."),
    "no_list": _("“{key}” is no list: set it, or replace its value."),
    "value_missing": _("The value is missing for “{key}”. Give one, or choose “Empty”."),
    "asked_twice": _("“{key}” is to be set and changed at once. Choose one of the two."),
    "words_missing": _("Nothing is looked for yet. Write the words that are to be replaced."),
    "words_same": _("Both are the same, so nothing would change. Write other words in their place."),
    "words_too_long": _("The words are longer than {limit} signs. Look for less."),
    "words_not_text": _("The words hold a sign that no line of text has. Type them anew, on one line."),
    "no_part_chosen": _("No place is chosen. Choose the title, the summary or the text."),
    "words_not_found": _("“{words}” stands nowhere in the chosen posts. Look for other words, or choose more places."),
    "title_taken_out": _("Nothing would be left of the title. Change this post by hand, or leave the title alone."),
    "mishearing_twice": _("What is meant by “{words}” is saved already. Change that one instead."),
    "no_post_chosen": _("No post is chosen. Choose at least one."),
    "too_many_posts": _("These are more than {most} posts. Filter the list, and do it in several steps."),
    "several_collections": _("These posts are in several collections. Filter by one collection, and do one by one."),
    "bulk_clash": _("Somebody changed the same part since. Nothing was touched here: change this post by hand."),
    "not_your_step": _("Only whoever made this step may do this."),
    "begun_already": _("This step was started already."),
    "nothing_to_release": _("This bulk step does not wait for a release any more."),
    "you_made_it": _("You made this bulk step, so somebody else must release it."),
    "release_open": _("A part of it waits for release. Release or withdraw that first."),
    "not_released": _("{by} decided not to release this, so the post is as it was."),
    "nothing_to_stop": _("It is over already."),
    "nothing_to_go_on": _("It was not stopped, so it cannot go on."),
    # terms
    "hidden_signs": _("This name has a sign that nobody sees (a line end, or one of no width). Type it anew."),
    "term_name_missing": _("A name is missing. Give one, with at least one letter, digit or sign."),
    "name_taken": _("“{name}” is another term already. Merge the two instead."),
    "name_moved": _("“{name}” was moved to another vocabulary. Move it back from there instead."),
    "nothing_new": _("None of these is new: somebody looked at all of them already."),
    "no_such_term": _("There is no “{name}” yet. Choose one of the list, or rename instead."),
    "same_term": _("That is the same. Choose another one."),
    "term_gone": _("This term is not there any more, or has become another name for one. Look at the list again."),
    "not_in_a_list": _("A post has at most one of these, so several names have no room there."),
    # saved views
    "view_without_name": _("Give the view a name."),
    "view_name_too_long": _("The name is longer than {limit} characters. Shorten it."),
    "view_without_filter": _("There is nothing to save: filter or search first."),
    "too_many_views": _("You have {most} views already. Forget one that you do not need any more."),
    "not_your_view": _("Only whoever saved this view can forget it, and a shared one a Publisher."),
    # remarks, suggestions, links for people without an account
    "comment_empty": _("Write what you want to say."),
    "comment_too_long": _("This is longer than {limit} characters. Shorten it."),
    "passage_missing": _("This passage does not stand in the text as it is now. Select it again."),
    "passage_several": _("This passage stands several times in the text. Select a little more around it."),
    "passage_too_long": _("The passage is longer than {limit} characters. Select less."),
    "passage_moved": _(
        "What this suggestion would replace was changed since, so it cannot be placed. Change the text by hand."
    ),
    "field_and_passage": _("A remark is about a field or about a passage. Choose no field, or empty the passage."),
    "suggestion_nowhere": _("Choose the passage or the field that the suggestion is to replace."),
    "nothing_suggested": _("This remark suggests no change. Change the text by hand."),
    "remark_settled": _("Somebody settled this remark already."),
    "no_thread": _("This is an answer to a remark. Settle the remark itself."),
    "name_missing": _("Say for whom the link is."),
    "own_name_missing": _("Give your name, so that it is known who says this."),
    "link_days": _("Choose a last day from today on, within {days} days."),
    "link_withdrawn": _("This link was withdrawn already."),
    "link_over": _("This link has ended, was withdrawn or is not complete. Ask whoever sent it to you for another."),
    "link_archived": _("This post was put away, so the link does not open it now. Ask whoever sent it to you."),
    "link_used_often": _("This link was used very often within an hour. Try again in an hour."),
    # webhooks
    "hook_too_large": _("The delivery is larger than {limit} bytes. Send less."),
    "hook_not_signed": _("The delivery is not signed as it must be. Check the address and the secret."),
    "hook_cut_off": _("The delivery was cut off. Send it again."),
    "build_not_json": _("This is no JSON object. Send “commit”, “ok” and “log”, as docs/deployment.md says."),
    "build_commit": _("“commit” must be the full id of the commit that was built: 40 or 64 hexadecimal digits."),
    "build_ok": _("“ok” must be true or false: whether the site was built."),
    "build_log": _("“log” must be text."),
    "build_delivery": _("“delivery” must be a text or a number of at most 200 characters."),
    **IMAGE_WORDS,
    # runs
    "stopped": _("Stopped."),
    "brake": _(
        "Stopped before anything was changed: at once {files} files would be changed, {deletions} deleted and {empty} "
        "emptied. A Publisher must look at the list and let it go on, or correct it where it was done."
    ),
    "unrelated_history": _(
        "The repository was replaced by one that has nothing in common with it. Nothing was changed. A Publisher must "
        "let it go on, or an Administrator must correct the address."
    ),
    "brake_ahead": _(
        "A sync of all this would stop before anything is changed and ask a Publisher: at once {files} files would be "
        "changed, {deletions} deleted and {empty} emptied."
    ),
    "unrelated_history_ahead": _(
        "A sync would stop before anything is changed and ask a Publisher: the repository was replaced by one that "
        "has nothing in common with it."
    ),
    "brake_over": _("This sync does not wait for a decision any more. Look at the newest one."),
    "would_change": _("The repository would change it here."),
    "would_delete": _("Its file was deleted in the repository: it would be archived here."),
    "would_empty": _("Its whole text is gone in the repository."),
    "would_send_empty": _("Its whole text would be gone in the repository."),
    "would_send": _("It would be changed in the repository."),
    "would_remove": _("It would be deleted from the repository."),
    "our_fault": _("A fault of Evergreen's own ({why}) stopped this. An Administrator should look at the log."),
    "gave_up": _("The worker died {attempts} times over this. An Administrator should look at its log."),
    "upload_type": _("This is neither a zip nor a Markdown file. Choose files that end in .zip or .md."),
    "only_returned_files": _(
        "You may bring back single Markdown files of posts that you downloaded. Who may sync may upload a zip."
    ),
    "upload_too_large": _("The upload is larger than {megabytes} MB. Upload it in parts."),
    "source_missing": _("There is no file or folder {path}."),
    "nothing_matches": _(
        "No file in it matches the collection's patterns ({globs}). "
        "Take the top folder of the repository, or a zip of it."
    ),
    "zip_too_large": _("The zip would unpack to more than {limit} bytes. Upload it in parts."),
    "zip_broken": _("The zip is broken ({detail}). Pack it again."),
    "destination_not_empty": _("{path} is there already and not empty. Name another place."),
    **TERM_WORDS,
}

CHECKLIST: dict[str, Promise] = {
    "title": _("a title"),
    "summary": _("a summary"),
    "date": _("a date"),
    "area": _("an area"),
    "category": _("a category"),
    "tag": _("at least one tag"),
    "no_problem": _("problems solved"),
    "no_remark": _("remarks settled"),
}
"""What a checklist can demand."""

OF_ANOTHER_COLLECTION = _("{path} in “{room_name}”")
UNKNOWN = _("Something unexpected happened ({code}).")


def worded(code: str, facts: Mapping[str, object] | None = None) -> str:
    """The words for `code`, in the language of whoever reads, with its `facts` put in."""
    told = dict(facts or {})
    known = WORDINGS.get(code) or says_of_finding(code, told)
    if known is None:
        return str(UNKNOWN).format(code=code)
    if "room_name" in told:
        told["path"] = str(OF_ANOTHER_COLLECTION).format_map(told)
    if code == "broken_yaml" and "detail" in told:
        told["why"] = yaml_words(str(told["detail"]))
    items = told.get("missing")
    if code == "checklist" and isinstance(items, list | tuple):
        told["missing"] = gettext(", ").join(str(CHECKLIST.get(str(item), item)) for item in items)
    return str(known).format_map(_Facts(told))


def worded_ahead(facts: Mapping[str, object]) -> str:
    """What would stop a sync that was tried out, by the facts that its preview keeps; "" if nothing would."""
    return worded(f"{facts['brake']}_ahead", facts) if facts.get("brake") else ""


def worded_error(error: EvergreenError) -> str:
    """The words for an error."""
    return worded(error.code, error.facts)


def worded_refusals(refusals: tuple[Refusal, ...]) -> str:
    """The words for every reason of a refusal, one after the other."""
    return " ".join(worded(refusal.code, refusal.facts) for refusal in refusals)


class _Facts(dict[str, object]):
    """Facts for a wording; one that is missing is shown as a dash rather than failing the message."""

    def __init__(self, facts: Mapping[str, object]) -> None:
        super().__init__({key: _told(key, value) for key, value in facts.items()})

    def __missing__(self, key: str) -> str:
        return "–"


def _told(key: str, value: object) -> object:
    if key == "findings" and isinstance(value, list | tuple):
        return "; ".join(name_of_finding(str(code)) for code in value)
    if key == "state":
        return dict(PostState.choices).get(str(value), value)
    return ", ".join(str(each) for each in value) if isinstance(value, list | tuple) else value

"""What is told of terms as a table, of their addresses, and of a search: a part of `posts.wording`."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

TERM_WORDS: Mapping[str, Promise] = {
    "term_elsewhere": _(
        "“{name}” belongs to collections, too, that you may not enter, so you cannot change it. Ask somebody who may."
    ),
    # a table of terms
    "table_too_large": _("The file is larger than {limit} MB. Split it."),
    "table_too_long": _("The file has more than {limit} lines. Split it."),
    "table_not_utf8": _("The file is not UTF-8. Save it in the spreadsheet as “CSV UTF-8”."),
    "table_unreadable": _("Line {line} cannot be read. Save the table as CSV once more."),
    "table_empty": _("There is nothing in this file. Choose another one."),
    "table_without_names": _(
        "The first line must name the columns, “name” among them. Known are: {columns}. For other names alone: alias, "
        "term."
    ),
    "table_moved": _("The terms were changed meanwhile. Bring the file in again, and look at what would change now."),
    "table_no_term": _("There is no term “{name}” yet. Correct the name, or let a line above this one add it."),
    "table_no_area": _("There is no area “{name}”. Correct the name, or add the area first."),
    "table_twice": _("Line {line} is about the same term. Make one line of the two."),
    "table_is_alias": _("“{name}” is another name for “{term}”. Write the line for that term."),
    "table_not_renamed": _("The term stays “{name}”: renaming it is done on its page, together with its posts."),
    "slug_not_latin": _("“{slug}” cannot be a slug: Latin letters, digits and hyphens only. Write it as {other}."),
    "slug_too_long": _("The slug is longer than {limit} signs. Shorten it."),
    "slug_taken": _("Another term has the slug “{slug}” already. Choose another one."),
    "alias_taken": _("“{name}” is a name of “{term}” already. Merge the two on its page if they are the same."),
    "order_no_number": _("“{value}” is no number. Write the order as 1, 2, 3."),
    "approved_unclear": _("“{value}” is neither yes nor no. Write one of the two."),
    # where a term is on the site
    "term_address_missing": _(
        "The site makes no address of this name, so it has no page for it. Let the site use the slug: an Administrator "
        "then writes {{slug}} in the collection’s settings. Or give the term a name with Latin letters."
    ),
    "term_address_shared": _(
        "“{other}” has the same address on the site, and one of the two has no page. Merge them, or rename one."
    ),
    "order_moved": _(
        "Somebody changed the order meanwhile. Here is yours, not saved yet: save it once more to have it so, or load "
        "the page again to see theirs."
    ),
    # a search
    "nothing_searchable": _(
        "There is nothing to search for in “{value}”: only letters, digits and Chinese signs are found. Type a word."
    ),
    "no_term_chosen": _("No term is ticked. Tick those that are meant."),
}

"""What every finding of the checks is called, and what is wrong with the remedy: one table for all who tell it."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class CheckWords:
    """A finding in two or three words, and the sentence that says what is wrong and what to do. Facts in braces."""

    name: Promise
    says: Promise


CHECK_WORDS: Mapping[str, CheckWords] = {
    # front matter
    "key_empty": CheckWords(_("required field empty"), _("This field must not be empty. Fill it in.")),
    "category_unknown": CheckWords(
        _("category not approved"),
        _("“{name}” is none of the approved categories. Choose one, or ask a Curator to approve it."),
    ),
    "area_unknown": CheckWords(
        _("area not approved"),
        _("“{name}” is none of the approved areas. Choose one, or ask a Curator to approve it."),
    ),
    "category_of_other_area": CheckWords(
        _("category of another area"),
        _("The category “{category}” is part of the area “{belongs}”, not of “{area}”. Correct one of the two."),
    ),
    "status_unknown": CheckWords(
        _("status unknown"), _("The site knows no status “{value}”. There are: {known}. Correct it in the file.")
    ),
    "live_and_archived": CheckWords(
        _("archived and live at once"),
        _("The status is “archived”, but “draft” says that the site shows it. Archive it here, or correct the status."),
    ),
    "date_stops_build": CheckWords(
        _("date that stops the build"),
        _("The site’s builder cannot read this date, and then builds nothing at all. Write it as 2026-02-13."),
    ),
    "date_in_future": CheckWords(_("date in the future"), _("{date} is still to come. Is the year right?")),
    "date_unlike_name": CheckWords(
        _("date unlike the file’s name"),
        _("The date is {date}, the file’s name or folder says {named}. Correct one of the two."),
    ),
    "source_malformed": CheckWords(
        _("source is no address"), _("“{value}” is no web address. Write it with https:// in front, without blanks.")
    ),
    "source_no_video": CheckWords(
        _("source is no video"), _("This address is on the video site, but is no video’s. Check it.")
    ),
    "title_long": CheckWords(_("title too long"), _("The title has {signs} signs, at most {most} fit. Shorten it.")),
    "summary_long": CheckWords(
        _("summary too long"), _("The summary has {signs} signs, at most {most} fit. Shorten it.")
    ),
    "key_misspelt": CheckWords(
        _("key misspelt"), _("The key “{key}” is not known: “{meant}” is meant. Correct it in the file.")
    ),
    "key_unknown": CheckWords(
        _("unknown key"),
        _(
            "The key “{key}” is not known here. Correct it in the file, or let an Administrator name it in the "
            "collection’s settings."
        ),
    ),
    "build_key_changed": CheckWords(
        _("key of the build changed"),
        _(
            "“{key}” tells the site how to build this page, and is neither what the site has nor what was delivered. "
            "Is that meant?"
        ),
    ),
    # body
    "body_empty": CheckWords(_("no text"), _("There is no text. Write it, or discard the post.")),
    "body_short": CheckWords(
        _("very short text"), _("The text has {signs} signs only, of at least {least}. Is something missing?")
    ),
    "literal_asterisks": CheckWords(
        _("asterisks shown"),
        _(
            "The site shows these asterisks, or the wrong words in bold. Put punctuation and quotation marks outside "
            "of them, and a blank line between an HTML tag and Markdown."
        ),
    ),
    "literal_marks": CheckWords(
        _("marks shown"),
        _(
            "The site shows these {sign}. Put punctuation and quotation marks outside of them; bold within a Chinese "
            "sentence needs **."
        ),
    ),
    "heading_jumps": CheckWords(
        _("heading skips a level"), _("This heading goes from level {from} to {to}. Use the next level.")
    ),
    "heading_repeats_title": CheckWords(
        _("heading repeats the title"), _("The site shows the title above the text already. Delete this heading.")
    ),
    "anchor_missing": CheckWords(
        _("link to no heading"), _("No heading of this text is called “{address}”. Correct the link.")
    ),
    "link_without_address": CheckWords(_("link without address"), _("This link leads nowhere. Give it an address.")),
    "image_without_address": CheckWords(
        _("image without address"), _("This image has no address. Give it one, or delete it.")
    ),
    "link_not_read": CheckWords(
        _("link shown as text"),
        _(
            "“{address}” has a blank in it, so the site makes no link or image of it. Put it between angle brackets, "
            "or take the blank out."
        ),
    ),
    "link_name_missing": CheckWords(
        _("link to an unknown name"),
        _("Nothing says what [{name}] stands for, so the site shows the brackets. Write the address behind the words."),
    ),
    "file_missing": CheckWords(
        _("link to nothing"),
        _(
            "Neither a file of the repository nor a post has the address “{address}”. Correct the link, or add what is "
            "missing. Dismiss this if the site has another page there."
        ),
    ),
    "image_missing": CheckWords(
        _("image missing"), _("The repository has no image “{address}”. Correct the address, or add the image.")
    ),
    "bare_address": CheckWords(
        _("address that is no link"),
        _("Readers cannot click this address. Put it between angle brackets, or make it a link."),
    ),
    "details_not_closed": CheckWords(
        _("folded part not closed"), _("All that follows is folded away with it. Put </details> where it ends.")
    ),
    "details_not_opened": CheckWords(
        _("folded part not opened"), _("This </details> closes nothing. Delete it, or put <details> where it begins.")
    ),
    "chunk_missing": CheckWords(
        _("part of the transcript missing"), _("Part {missing} is missing. Ask whoever runs the pipeline for it.")
    ),
    "chunk_out_of_order": CheckWords(
        _("parts out of order"), _("Part {number} stands too late, or twice. Put the parts in order.")
    ),
    "chunks_of_two_texts": CheckWords(
        _("parts of two transcripts"), _("The marks count to different numbers: two transcripts were mixed. Part them.")
    ),
    "html_dropped": CheckWords(
        _("HTML that is dropped"),
        _("<{tag}>, or what it does here, does not reach the readers. Write it in Markdown, or delete it."),
    ),
    "template_syntax": CheckWords(
        _("template syntax"),
        _("The site’s builder would run what begins with {sign} as a program. Write it otherwise."),
    ),
    "template_comment": CheckWords(
        _("comment of a template"),
        _(
            "If the site builds Markdown with Nunjucks, it takes what begins with {sign} for a comment and drops it. "
            "Otherwise dismiss this."
        ),
    ),
    "comment_not_closed": CheckWords(
        _("comment not closed"), _("All that follows is hidden from the readers. Put --> where the comment ends.")
    ),
    "bracket_not_closed": CheckWords(
        _("bracket not closed"), _("{sign} is not closed in this paragraph. Close it where it ends.")
    ),
    "bracket_not_opened": CheckWords(
        _("bracket not opened"), _("{sign} closes nothing in this paragraph. Delete it, or open it where it begins.")
    ),
    "half_width_punctuation": CheckWords(
        _("half-width punctuation"), _("Half-width “{sign}” in Chinese text. Use the full-width sign.")
    ),
    "full_width_punctuation": CheckWords(
        _("full-width punctuation"),
        _("Full-width “{sign}” in a line without Chinese. Use the half-width sign, and a blank behind it."),
    ),
    "no_blank_beside_latin": CheckWords(
        _("no blank beside Latin"),
        _("At {count} places there is no blank between Chinese and Latin. Set it, if that is your style."),
    ),
    "invisible_signs": CheckWords(
        _("invisible signs"), _("There are signs here that nobody sees ({signs}). They break searching: delete them.")
    ),
    "bidirectional_signs": CheckWords(
        _("signs that turn the writing"),
        _("These signs turn the direction of writing ({signs}), so the text may read otherwise. Delete them."),
    ),
    "control_signs": CheckWords(_("control signs"), _("Control signs do not belong in a text ({signs}). Delete them.")),
    "traditional_in_simplified": CheckWords(
        _("Traditional among Simplified"),
        _("There are {count} Traditional signs in a Simplified text: {signs}. Write one way throughout."),
    ),
    "simplified_in_traditional": CheckWords(
        _("Simplified among Traditional"),
        _("There are {count} Simplified signs in a Traditional text: {signs}. Write one way throughout."),
    ),
    "known_mishearing": CheckWords(
        _("known mishearing"),
        _("“{heard}” is known to be misheard: “{meant}” is meant. Mend it, or dismiss it where it is right."),
    ),
    # the checks themselves
    "checks_failed": CheckWords(
        _("checks failed"),
        _(
            "The checks came to grief on this text, so nothing is known of it. Read it yourself, and tell an "
            "Administrator: why stands in the log."
        ),
    ),
    # among posts
    "source_twice": CheckWords(
        _("source used twice"),
        _("{count} posts have this source; see {path}. Keep one of them, or correct the source."),
    ),
    "title_twice": CheckWords(
        _("title used twice"), _("{count} posts have this title; see {path}. Give this one a title of its own.")
    ),
    "summary_twice": CheckWords(
        _("summary used twice"), _("{count} posts have this summary; see {path}. Write one of its own.")
    ),
    "text_alike": CheckWords(
        _("nearly the same text"), _("The text is {percent} % the same as that of {path}. Keep one of the two.")
    ),
    "address_twice": CheckWords(
        _("address used twice"),
        _("{path} would have the same address on the site ({address}), which cannot be built. Move one of the two."),
    ),
}

_CLOSED: Mapping[str, Promise] = {
    "source_twice": _("A post in a collection that is closed to you has this source. Is it the right one?"),
    "title_twice": _("A post in a collection that is closed to you has this title. Give this one a title of its own."),
    "summary_twice": _("A post in a collection that is closed to you has this summary. Write one of its own."),
    "text_alike": _("The text is {percent} % the same as that of a post in a collection that is closed to you."),
    "address_twice": _(
        "A post in a collection that is closed to you would have the same address on the site ({address}), which "
        "cannot be built. Move this one."
    ),
}
_MISHEARD_FOR_NOTHING = _("“{heard}” is known to be misheard: take it out, or dismiss it where it is right.")


def name_of_finding(code: str) -> str:
    """A finding in two or three words, in the language of whoever reads."""
    words = CHECK_WORDS.get(code)
    return str(words.name) if words else code


def says_of_finding(code: str, facts: Mapping[str, object]) -> Promise | None:
    """The sentence, with facts in braces, for a finding with these `facts`; None for what is none."""
    if code == "known_mishearing" and facts.get("meant") == "":
        return _MISHEARD_FOR_NOTHING
    if facts.get("closed") and code in _CLOSED:
        return _CLOSED[code]
    return CHECK_WORDS[code].says if code in CHECK_WORDS else None


def kinds_of_findings() -> list[tuple[str, str]]:
    """Every code with its name, by name, to choose from."""
    return sorted(((code, name_of_finding(code)) for code in CHECK_WORDS), key=lambda each: each[1])

"""Alerts in words: what is wrong, in one line, and then what to do about it."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from posts.alerts import Alert, Code
from posts.wording import WORDINGS, worded

_TITLES: Mapping[Code, Promise] = {
    Code.MACHINERY: _("The worker or its clock (beat) is not running"),
    Code.DISK_FULL: _("The disk is full"),
    Code.HOST_KEY: _("The identity of the repository’s server is unknown or has changed"),
    Code.CREDENTIALS: _("The repository does not let us in"),
    Code.NO_REPOSITORY: _("There is no repository at its address"),
    Code.UNRELATED: _("Another repository stands in the place of the one we know"),
    Code.BRANCH: _("The branch “{branch}” is not in the repository"),
    Code.UNREACHABLE: _("The repository cannot be reached"),
    Code.REFUSED: _("The repository’s server refuses our changes"),
    Code.REJECTED: _("Others keep sending changes at the same moment"),
    Code.FAILED: _("The last sync failed"),
    Code.BRAKE: _("A sync waits for a Publisher"),
    Code.BUILD: _("The site could not be built"),
    Code.NOBODY: _("Nobody gets these alerts by mail"),
}

_REMEDIES: Mapping[Code, Promise] = {
    Code.MACHINERY: _(
        "Nothing comes in or goes out by itself; what is saved here waits and is not lost. "
        "An Administrator must start both on the server."
    ),
    Code.DISK_FULL: _("Make room on this server, or on the repository’s. Nothing was lost, and it goes on by itself."),
    Code.HOST_KEY: _(
        "Nothing is sent or taken until an Administrator has asked whoever runs that server, "
        "and has noted its new key on this one."
    ),
    Code.CREDENTIALS: _(
        "The key or token is missing, wrong or no longer valid. An Administrator must renew it on this server."
    ),
    Code.NO_REPOSITORY: _(
        "Nothing was changed here. Check the address in the collection’s settings, "
        "and whether the repository was moved."
    ),
    Code.UNRELATED: _(
        "It has nothing in common with the one we know. Nothing was changed here. "
        "A Publisher must let it go on, or an Administrator must correct the address."
    ),
    Code.BRANCH: _(
        "Nothing was changed here. Ask who removed it and have it brought back, "
        "or name another branch in the collection’s settings."
    ),
    Code.UNREACHABLE: _(
        "What is saved here waits and is not lost. It is tried again by itself every few minutes. "
        "If it lasts, check the address in the collection’s settings."
    ),
    Code.REFUSED: _(
        "What is saved here waits and is not lost. The server’s own words say why; "
        "ask whoever runs it if they do not help."
    ),
    Code.REJECTED: _(
        "What is saved here waits and is not lost. It is tried again with each sync. "
        "If it lasts, ask whoever sends so often to pause for a minute."
    ),
    Code.BRAKE: _(
        "It would change more than usual, so it stopped before it changed anything. Look at its list and decide."
    ),
    Code.BUILD: _("The site still shows its last good version. Correct or unpublish the post that the log names."),
    Code.SCHEDULES: _("The page of the post says why. Do it now, set another time, or dismiss it."),
    Code.CONFLICTS: _("Until somebody has chosen what stays, the changes of these posts are not sent."),
    Code.PROBLEMS: _("Such a file cannot be read or reviewed. The list says for each what to correct."),
    Code.NOBODY: _("Choose it for yourself in your settings, or for an Administrator under Users."),
}

# The words of these name what is to be set.
_TELL_MORE = WORDINGS.keys() & {"credentials_missing"}


def title_of(alert: Alert) -> str:
    """What is wrong, in one line, in the language of whoever reads."""
    match alert.code:
        case Code.STALE if alert.facts["ever"]:
            return str(_("Nothing has been synced for more than an hour"))
        case Code.STALE:
            return str(_("It has never been synced"))
        case Code.SCHEDULES:
            many = ngettext(
                "What was scheduled for %(count)s post was not done at its time",
                "What was scheduled for %(count)s posts was not done at its time",
                alert.count,
            )
            return many % {"count": alert.count}
        case Code.CONFLICTS:
            many = ngettext(
                "%(count)s conflict has been open for more than a day",
                "%(count)s conflicts have been open for more than a day",
                alert.count,
            )
            return many % {"count": alert.count}
        case Code.PROBLEMS:
            many = ngettext(
                "%(count)s file has a problem that must be mended",
                "%(count)s files have problems that must be mended",
                alert.count,
            )
            return many % {"count": alert.count}
        case Code.BRANCH:
            return str(_TITLES[alert.code]).replace("{branch}", str(alert.facts.get("branch", "–")))
    return str(_TITLES[alert.code])


def remedy_of(alert: Alert) -> str:
    """What follows from it and what to do, in plain words."""
    match alert.code:
        case Code.FAILED:
            return worded(str(alert.facts["error"]), alert.facts)
        case Code.CREDENTIALS if alert.facts["error"] in _TELL_MORE:
            return worded(str(alert.facts["error"]), alert.facts)
        case Code.STALE if alert.facts["ever"]:
            return str(_("Sync it now. If that does nothing, an Administrator should look at the worker’s log."))
        case Code.STALE:
            return str(_("Its posts come in with the first sync: ask for one."))
    return str(_REMEDIES[alert.code])


def server_words_of(alert: Alert) -> str:
    """What the server, or whatever builds the site, said itself; or ""."""
    return str(alert.facts.get("words", "")).strip()


def speaker_of(alert: Alert) -> str:
    """Whose words those are."""
    return str(_("What the build said") if alert.code == Code.BUILD else _("The words of the server"))


def posts_waiting(alert: Alert) -> str:
    """How many posts wait because of what a sync met; or ""."""
    if not alert.count:
        return ""
    many = ngettext("%(count)s post waits to be sent", "%(count)s posts wait to be sent", alert.count)
    return many % {"count": alert.count}

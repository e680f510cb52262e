"""The rows: constraints and questions, no verbs."""

from posts.models.build import Build
from posts.models.bulk import BulkPost, BulkStep
from posts.models.collection import Collection
from posts.models.comment import Comment, OutsideLink, OutsideVisit
from posts.models.conflict import Conflict
from posts.models.departure import Departure
from posts.models.download import Download
from posts.models.event import Event
from posts.models.finding import CheckedText, ComparedPosts, Dismissal, Finding
from posts.models.ignored import IgnoredTerm
from posts.models.image import Image, ImageUse
from posts.models.links import (
    LINKS,
    PostMediaWork,
    PostOrganisation,
    PostPerson,
    PostProduct,
    PostProject,
    PostTag,
)
from posts.models.look import Look
from posts.models.mishearing import Mishearing
from posts.models.notice import Heartbeat, Notice, ToldAlert
from posts.models.post import Post
from posts.models.problem import Problem
from posts.models.profile import PasswordAsked, Profile
from posts.models.revision import Revision, Whence
from posts.models.schedule import Reminder, Schedule
from posts.models.searched import SearchedText
from posts.models.step_of_many import ChosenPost, StepOfMany
from posts.models.suggested import SoughtNames, SuggestedTerm
from posts.models.sync import Outcome, Sync
from posts.models.template import PostTemplate
from posts.models.view import SavedView
from posts.models.workingcopy import Presence, WorkingCopy

__all__ = [
    "LINKS",
    "Build",
    "BulkPost",
    "BulkStep",
    "CheckedText",
    "ChosenPost",
    "Collection",
    "Comment",
    "ComparedPosts",
    "Conflict",
    "Departure",
    "Dismissal",
    "Download",
    "Event",
    "Finding",
    "Heartbeat",
    "IgnoredTerm",
    "Image",
    "ImageUse",
    "Look",
    "Mishearing",
    "Notice",
    "Outcome",
    "OutsideLink",
    "OutsideVisit",
    "PasswordAsked",
    "Post",
    "PostMediaWork",
    "PostOrganisation",
    "PostPerson",
    "PostProduct",
    "PostProject",
    "PostTag",
    "PostTemplate",
    "Presence",
    "Problem",
    "Profile",
    "Reminder",
    "Revision",
    "SavedView",
    "Schedule",
    "SearchedText",
    "SoughtNames",
    "StepOfMany",
    "SuggestedTerm",
    "Sync",
    "ToldAlert",
    "Whence",
    "WorkingCopy",
]

"""The rows: constraints and questions, no verbs."""

from posts.models.build import Build
from posts.models.collection import Collection
from posts.models.conflict import Conflict
from posts.models.departure import Departure
from posts.models.event import Event
from posts.models.finding import CheckedText, ComparedPosts, Dismissal, Finding
from posts.models.links import (
    LINKS,
    PostMediaWork,
    PostOrganisation,
    PostPerson,
    PostProduct,
    PostProject,
    PostTag,
)
from posts.models.notice import Heartbeat, MailWish, Notice, ToldAlert
from posts.models.post import Post
from posts.models.problem import Problem
from posts.models.revision import Revision, Whence
from posts.models.searched import SearchedText
from posts.models.sync import Outcome, Sync

__all__ = [
    "LINKS",
    "Build",
    "CheckedText",
    "Collection",
    "ComparedPosts",
    "Conflict",
    "Departure",
    "Dismissal",
    "Event",
    "Finding",
    "Heartbeat",
    "MailWish",
    "Notice",
    "Outcome",
    "Post",
    "PostMediaWork",
    "PostOrganisation",
    "PostPerson",
    "PostProduct",
    "PostProject",
    "PostTag",
    "Problem",
    "Revision",
    "SearchedText",
    "Sync",
    "ToldAlert",
    "Whence",
]

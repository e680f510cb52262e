"""The page to upload posts: what it asks, and how it hands the files on."""

import itertools
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from posts.admin.reading import asking, list_where
from posts.archives import ArchiveError
from posts.models import Collection
from posts.transfers import ask_for_upload, only_returns
from posts.wording import worded_error


class FilesInput(forms.ClearableFileInput):
    """Django's file field for more than one file."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or several files."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=FilesInput(attrs={"class": "desk-file", "accept": ".zip,.md"}), **kwargs)

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Each file as Django cleans one."""
        given = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(each, initial) for each in given or [None]]


class UploadForm(forms.Form):
    """Which files, and where loose ones belong."""

    chosen = FilesField(label=_("Files"))
    folder = forms.CharField(
        label=_("Folder for new Markdown files"),
        required=False,
        max_length=500,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("A file that has the name of just one post is taken for that post. A zip brings its own folders."),
    )


def upload_view(request: HttpRequest, collection: Collection, context: Mapping[str, Any]) -> HttpResponse:
    """Ask for files, or take them and show the run that brings them in. The caller has asked for permission."""
    form = UploadForm(request.POST or None, request.FILES or None, initial={"folder": _usual_folder(collection)})
    returns = only_returns(collection, asking(request))
    if returns:
        del form.fields["folder"]
    if request.method == "POST" and form.is_valid():
        files: list[UploadedFile] = form.cleaned_data["chosen"]
        try:
            runs = ask_for_upload(collection, files, folder=form.cleaned_data.get("folder", ""), by=asking(request))
        except ArchiveError as error:
            form.add_error("chosen", f"{error.facts.get('name', '')}: {worded_error(error)}")
        else:
            one = reverse("admin:posts_sync_change", args=[runs[0].pk])
            several = list_where("sync", collection__id__exact=collection.pk)
            return HttpResponseRedirect(one if len(runs) == 1 else several)
    return render(
        request,
        "admin/posts/collection/upload.html",
        {
            **context,
            "title": _("Bring files back") if returns else _("Upload posts"),
            "only_returns": returns,
            "opts": Collection._meta,
            "original": collection,
            "collection": collection,
            "form": form,
            "megabytes": settings.MAX_UPLOAD // settings.MEGABYTE,
        },
    )


def _usual_folder(collection: Collection) -> str:
    """The folder that the first pattern names before its first wildcard."""
    steps = PurePosixPath(collection.patterns[0] if collection.patterns else "").parts[:-1]
    return "/".join(itertools.takewhile(lambda step: not set(step) & set("*?["), steps))

"""What a link in a text can lead to: files of the repository, and pages that posts have on the site."""

from contextlib import suppress
from functools import cached_property
from urllib.parse import quote

from posts.composing import has_page
from posts.git import GitError
from posts.locking import repository_of
from posts.models import CheckedText, Collection, Image
from posts.site_addresses import named_at


class FilesOfHead:
    """The paths that the repository has, asked for when the first text links to a file."""

    def __init__(self, collection: Collection) -> None:
        self.collection = collection

    def __contains__(self, path: object) -> bool:
        # Where git cannot be asked nothing is known: then every file is there.
        return self._paths is None or path in self._paths or path in self._waiting

    @cached_property
    def _waiting(self) -> frozenset[str]:
        """What was brought in here and leaves with the next text that shows it."""
        return frozenset(Image.objects.filter(collection=self.collection).waiting().values_list("path", flat=True))

    @cached_property
    def _paths(self) -> frozenset[str] | None:
        if not self.collection.head:
            return None
        with suppress(GitError):
            repository = repository_of(self.collection, offline=True)
            listed = repository.changes(None, self.collection.head)
            return frozenset(change.path.decode("utf-8", "replace") for change in listed)
        return None


class PagesOfPosts:
    """The addresses that posts of the collection's site have, drafts among them, as decoded paths behind the site's.

    Each is asked for once: texts link to few other posts, and a collection has very many.
    """

    def __init__(self, collection: Collection) -> None:
        self.collection = collection
        self._known: dict[str, bool] = {}

    def __contains__(self, address: object) -> bool:
        said = str(address)
        if said not in self._known:
            self._known[said] = self._is_there(said)
        return self._known[said]

    def _is_there(self, address: str) -> bool:
        named = named_at(self.collection.post_url, address)
        if named is not None and has_page(self.collection, address, named):
            return True
        # One that a text says itself (`permalink`).
        texts = CheckedText.objects.filter(post__collection=self.collection, post__removed=False)
        return texts.filter(address__in={address, quote(address)}).exists()

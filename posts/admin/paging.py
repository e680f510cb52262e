"""Lists whose pages take no longer however many rows there are: counted no farther than some pages ahead."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils.functional import cached_property

PAGES_AHEAD = 10


def rows_counted(page: int, per_page: int) -> int:
    """So many rows are counted where `page` is shown; one more tells that there are others."""
    return (max(page, 1) + PAGES_AHEAD) * per_page


def page_asked_for(request: HttpRequest) -> int:
    """The number of the page of a list that the address names; 1 for whatever is no number."""
    told = request.GET.get("p", "1")
    return int(told) if told.isascii() and told.isdecimal() and len(told) < 7 else 1


class BoundedPaginator(Paginator):
    """Counts no farther than some pages beyond the one that is asked for; `more` tells that there are others."""

    template_name = "admin/posts/post/pagination.html"

    def __init__(self, *args: Any, page: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._upto = rows_counted(page, self.per_page)

    @cached_property
    def _counted(self) -> int:
        rows: Any = self.object_list
        counted: int = rows.order_by().values("pk")[: self._upto + 1].count()
        return counted

    @cached_property
    def count(self) -> int:
        """How many there are, as far as was counted."""
        return min(self._counted, self._upto)

    @property
    def more(self) -> bool:
        """Whether there are more than `count`."""
        return self._counted > self._upto

"""The content of one post's file, read, edited and merged to the byte. Pure: text in, text out, no Django, no git.

`posts.document.merge` is the function, before and after the module of that name is imported: this module imports it
first, and Python sets a package's attribute only at a submodule's first import. A test holds it.
"""

from posts.document.document import Document
from posts.document.merge import merge

__all__ = ["Document", "merge"]

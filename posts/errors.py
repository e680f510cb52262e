"""The root of every error that Evergreen raises on purpose."""


class EvergreenError(Exception):
    """An error as data: a stable `code` and the `facts` about it.

    It is worded at the door, in the reader's language (`posts/wording.py`), so it can be stored as JSON
    and shown later to somebody who reads another language.
    """

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code, facts)
        self.code = code
        self.facts = facts

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value!r}" for name, value in self.facts.items())
        return f"{self.code}({told})"

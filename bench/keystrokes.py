"""From a key stroke in the editor to its preview, in Chromium: python -m bench.with_django keystrokes REPETITIONS"""

import json
import logging
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.urls import reverse
from playwright.sync_api import Page, sync_playwright

from bench.places import ROOT
from posts.editing import edit
from posts.models import Post
from tests.conftest import CHROMIUM, CHROMIUM_ARGUMENTS
from tests.servers import HOST, end, free_port, wait_for

_SAMPLE = ROOT / "tests" / "samples" / "2026-02-13-market-selloff.md"
_BODIES = {"15 KB": 15_000, "180 KB": 180_000}
# A paragraph with a footnote cannot be drawn by itself: all of the text goes to the server at each stroke.
_NOTED, _NOTE = "。[^1]\n\n", "\n\n[^1]: 注。\n"

# Seconds from the key going down until the frame with the fresh preview was drawn.
_NEXT = """() => {
  window.spent = new Promise((done) => {
    let pressed;
    const tell = () => done((performance.now() - pressed) / 1000);
    addEventListener("keydown", () => { pressed = performance.now(); }, { once: true, capture: true });
    addEventListener("eg-drawn", () => requestAnimationFrame(() => setTimeout(tell)), { once: true });
  });
}"""
_CARET = """area => {
  const at = 1 + area.value.indexOf("。", area.value.length / 2);
  area.focus();
  area.setSelectionRange(at, at);
}"""


def main() -> None:
    """Print the seconds of each stroke, by the size of the text."""
    logging.disable(logging.INFO)
    repetitions = int(sys.argv[1])
    writer = User.objects.get_or_create(username="writer", defaults={"is_superuser": True, "is_staff": True})[0]
    forms = {name: _form(number, body, writer) for number, (name, body) in enumerate(_texts().items())}
    cookie = _logged_in(writer)
    with _server() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": address}])
        page = context.new_page()
        print(json.dumps({name: _strokes(page, address + form, repetitions) for name, form in forms.items()}))


def _texts() -> dict[str, str]:
    prose = (_SAMPLE.read_text(encoding="utf-8").rpartition("---\n")[2] + "\n\n") * 100
    texts = {name: prose.encode()[:size].decode(errors="ignore") for name, size in _BODIES.items()}
    return {**texts, "180 KB with footnotes": texts["180 KB"].replace("。\n\n", _NOTED) + _NOTE}


def _form(number: int, body: str, writer: User) -> str:
    post = Post.objects.filter(problems=None, state="draft").order_by("path")[number]
    edit(post, {}, body=body, by=writer)
    return reverse("admin:posts_post_change", args=[post.pk])


def _logged_in(person: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    return str(session.session_key)


@contextmanager
def _server() -> Iterator[str]:
    port, log = free_port(), Path(settings.VAR_DIR) / "gunicorn.log"
    command = [sys.executable, "-m", "gunicorn", "cms.wsgi:application", "--bind", f"{HOST}:{port}", "--threads", "4"]
    with log.open("wb") as said:
        process = subprocess.Popen([*command, "--no-control-socket"], cwd=ROOT, stdout=said, stderr=said)
    try:
        wait_for(lambda: _answers(port), "gunicorn", process, log)
        yield f"http://{HOST}:{port}"
    finally:
        end(process)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def _strokes(page: Page, form: str, repetitions: int) -> list[float]:
    page.goto(form)
    page.frame_locator(".eg-frame").locator("main > *").first.wait_for()
    page.locator(".eg-body-source").evaluate(_CARET)
    taken = []
    for number in range(-3, repetitions):
        page.evaluate(_NEXT)
        page.keyboard.press("x")
        spent = page.evaluate("window.spent")
        if number >= 0:
            taken.append(spent)
    return taken


if __name__ == "__main__":
    main()

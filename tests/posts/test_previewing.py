"""The preview: what the site shows, and nothing that could run here."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from posts.previewing import LIMIT, render
from tests.posts.worlds import person

PREVIEW, UPLOAD = "/markdownx/markdownify/", "/markdownx/upload/"


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        # What markdown-it 14 gives for these, marks beside full-width punctuation and all.
        ("**真，**她", "<p>**真，**她</p>\n"),
        ("这是**「重点」**的", "<p>这是**「重点」**的</p>\n"),
        ("**重点：**后文", "<p>**重点：**后文</p>\n"),
        ("**「重点」**，后文", "<p><strong>「重点」</strong>，后文</p>\n"),
        ("**A股**，跌", "<p><strong>A股</strong>，跌</p>\n"),
        # Eleventy turns indented code blocks off.
        ("    four blanks", "<p>four blanks</p>\n"),
        ("https://example.org", "<p>https://example.org</p>\n"),
        ("one\ntwo", "<p>one\ntwo</p>\n"),
        ("~~gone~~", "<p><s>gone</s></p>\n"),
        ('"quoted" -- (c)', '<p>"quoted" -- (c)</p>\n'),
        ("<!-- chunk 3/15 -->\n\ntext", "\n<p>text</p>\n"),
    ],
)
def test_it_shows_a_text_as_the_site_does(markdown: str, html: str) -> None:
    assert render(markdown) == html


def test_details_stay_with_the_markdown_in_them() -> None:
    html = render("<details open><summary>Original English</summary>\n\n**bold**\n\n</details>\n")
    assert "<details open" in html
    assert "<summary>Original English</summary>" in html
    assert "<strong>bold</strong>" in html


def test_a_table_keeps_its_alignment_and_code_its_language() -> None:
    html = render("| a | b |\n|:-:|--:|\n| 1 | 2 |\n\n```python\nx < 1\n```\n")
    assert '<th style="text-align:center">a</th>' in html
    assert '<td style="text-align:right">2</td>' in html
    assert '<code class="language-python">x &lt; 1' in html


@pytest.mark.parametrize(
    ("markdown", "never"),
    [
        ("<script>alert(1)</script>", "<script"),
        ("<img src=x onerror=alert(1)>", "onerror"),
        ("<svg onload=alert(1)><circle/></svg>", "<svg"),
        ("<iframe src='https://example.org'></iframe>", "<iframe"),
        ("<object data=x></object><embed src=x>", "<object"),
        ("<style>body { display: none }</style>", "display"),
        ("<p style='position:fixed;inset:0'>x</p>", "position"),
        ("| a |\n|---|\n| <b style='text-align:center;position:fixed'>x</b> |", "position"),
        ("<table><tr><td style='text-align:left;background:url(//x)'>x</td></tr></table>", "url("),
        ("<a href='javascript:alert(1)'>x</a>", "javascript"),
        ("<a href=' JaVa\tScript:alert(1)'>x</a>", "cript"),
        ("<a href='data:text/html,x'>x</a>", "data:"),
        ("<form action='/admin/'><input name=q><button>x</button></form>", "<form"),
        ("<input name=csrfmiddlewaretoken>", "<input"),
        ("<base href='https://example.org'>", "<base"),
        ("<meta http-equiv=refresh content='0;url=//x'>", "<meta"),
        ("<p id='post_form'>x</p>", '"post_form"'),
        ("<p class='eg-button hidden'>x</p>", "class"),
        ("<div x-data='alert(1)' x-on:click='alert(1)' hx-get='/x'>x</div>", "x-"),
        ("<a href='#x' ping='//x'>x</a>", "ping"),
        ("<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>", "<img"),
        ("<a name='post_form'>x</a>", "name"),
    ],
)
def test_nothing_in_it_runs_or_reaches_the_page_around(markdown: str, never: str) -> None:
    assert never not in render(markdown)


def test_a_link_opens_beside_the_form_and_one_inside_the_text_stays_inside() -> None:
    html = render("[x](https://example.org) [y](#part) <b id='part'>z</b>")
    assert '<a href="https://example.org" target="_blank" rel="noopener noreferrer">' in html
    assert 'href="#in-body-part"' in html
    assert 'id="in-body-part"' in html


@pytest.fixture
def writer_client(writer: User, client: Client) -> Client:
    client.force_login(writer)
    return client


def test_the_editor_gets_its_preview(writer_client: Client) -> None:
    answer = writer_client.post(PREVIEW, {"content": "**hi** <script>x</script>"})
    assert answer.content.decode() == "<p><strong>hi</strong> </p>\n"


def test_a_text_that_no_post_may_have_is_not_rendered(writer_client: Client) -> None:
    answer = writer_client.post(PREVIEW, {"content": "x" * (LIMIT + 1)})
    assert answer.status_code == 413
    assert str(LIMIT) in answer.content.decode()


def test_nobody_else_gets_one(db: None, client: Client) -> None:
    assert client.post(PREVIEW, {"content": "x"}).status_code == 403
    client.force_login(person("nobody"))
    assert client.post(PREVIEW, {"content": "x"}).status_code == 403
    outside = User.objects.create_user("outside")
    client.force_login(outside)
    assert client.post(PREVIEW, {"content": "x"}).status_code == 403


def test_it_takes_only_a_post_from_our_own_page(writer: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(writer)
    assert client.get(PREVIEW).status_code == 405
    assert client.post(PREVIEW, {"content": "x"}).status_code == 403


def test_an_image_is_refused_in_words(writer_client: Client) -> None:
    answer = writer_client.post(UPLOAD, {"image": "x"})
    assert answer.status_code == 400
    assert "Use the button" in answer.json()["image"][0]
    assert writer_client.get(UPLOAD).status_code == 405

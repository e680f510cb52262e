"""What is taken as a picture, what is left of it, and what it is called; and how a text names it."""

import io

import pytest
from PIL import Image

from posts.image_addresses import MediaPlace, images_in, with_images_shown
from posts.pictures import LIMIT, PictureRefused, clean_stem, read_picture, small
from posts.previewing import render
from tests.posts.pictures import bomb, jpeg_of_a_phone, moving_gif, png, png_with_words

PLACE = MediaPlace("src/assets/images", "/assets/images", "https://example.org")
BESIDE = "src/posts/2026/a.md"


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


# --- Reading


def test_a_photograph_is_turned_upright_and_tells_nothing_any_more() -> None:
    data = jpeg_of_a_phone((60, 20))
    picture = read_picture(data)
    assert (picture.kind, picture.width, picture.height) == ("JPEG", 20, 60)
    assert opened(picture.data).size == (20, 60)
    assert b"Private" in data
    assert b"secret" in data
    assert dict(opened(picture.data).getexif()) == {}
    assert b"Private" not in picture.data
    assert b"secret" not in picture.data


def test_a_text_hidden_in_a_png_is_gone() -> None:
    assert b"Private" in png_with_words()
    assert b"Private" not in read_picture(png_with_words()).data


def test_an_animation_still_moves_with_its_times() -> None:
    picture = opened(read_picture(moving_gif()).data)
    assert picture.n_frames == 3
    picture.seek(2)
    assert picture.info["duration"] == 300
    assert read_picture(moving_gif(), to_stand_at="a/b.webp").kind == "WEBP"


def test_the_content_decides_and_the_same_content_gives_the_same_bytes() -> None:
    assert read_picture(png()).data == read_picture(png()).data
    assert read_picture(png(), to_stand_at="a/b.JPG").kind == "JPEG"


def test_the_holes_of_a_png_become_paper_in_a_jpeg() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(out, "PNG")
    picture = opened(read_picture(out.getvalue(), to_stand_at="a.jpg").data)
    assert picture.getpixel((4, 4)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "image_svg"),
        (b"\xef\xbb\xbf <svg/>", "image_svg"),
        (b"<html><body>no</body></html>", "image_type"),
        (b"%PDF-1.7 and more", "image_type"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "image_heic"),
        (b"", "image_type"),
        (png()[:60], "image_broken"),
        (jpeg_of_a_phone()[:200], "image_broken"),
        (bomb(), "image_too_many_pixels"),
        (bomb(9_000), "image_too_many_pixels"),
        (b"x" * (LIMIT + 1), "image_too_large"),
    ],
)
def test_what_is_no_picture_or_too_much_of_one_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(PictureRefused) as refused:
        read_picture(data)
    assert refused.value.code == code


def test_a_small_one_is_small_and_what_cannot_be_shown_is_none() -> None:
    shown = small(png(size=(800, 400)), 100)
    assert shown is not None
    assert opened(shown).size == (100, 50)
    assert [small(bomb(), 100), small(b"<svg/>", 100)] == [None, None]


@pytest.mark.parametrize(
    ("name", "words", "stem"),
    [
        ("台积电 股价图.PNG", "", "tai-ji-dian-gu-jia-tu"),
        ("IMG_20260213.JPG", "美股暴跌", "mei-gu-bao-die"),
        ("image.png", "", "image"),
        ("../../etc/passwd", "", "passwd"),
        (r"C:\Bilder\Übersicht Ärzte.png", "", "ubersicht-arzte"),
        ("🙂.png", "", "image"),
        ("Q3 Report (final).v2.png", "", "q3-report-final-v2"),
        ("a" * 200 + ".png", "", "a" * 60),
    ],
)
def test_a_name_becomes_latin_and_harmless(name: str, words: str, stem: str) -> None:
    assert clean_stem(name, words) == stem


# --- Addresses


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("/assets/images/a.png", "src/assets/images/a.png"),
        ("/assets/images/2026/a.png?v=1#x", "src/assets/images/2026/a.png"),
        ("/assets/images/%E5%9B%BE%201.png", "src/assets/images/图 1.png"),
        ("/assets/images/图.png", "src/assets/images/图.png"),
        ("https://example.org/assets/images/a.png", "src/assets/images/a.png"),
        ("https://elsewhere.example/assets/images/a.png", None),
        ("//elsewhere.example/assets/images/a.png", None),
        ("/assets/imagesx/a.png", None),
        ("/assets/images/../../secret", None),
        ("/assets/images/%2e%2e/%2e%2e/secret", None),
        ("/other/a.png", None),
        ("a.png", "src/posts/2026/a.png"),
        ("../../assets/images/a.png", "src/assets/images/a.png"),
        ("../../../../etc/passwd", None),
        ("data:image/png;base64,AAAA", None),
        ("http://[broken", None),
        ("#top", None),
        ("", None),
    ],
)
def test_an_address_stands_for_a_file_of_the_repository_or_for_none(address: str, path: str | None) -> None:
    assert PLACE.path_of(address, BESIDE) == path


def test_a_path_gets_the_address_that_leads_back_to_it() -> None:
    for path in ("src/assets/images/a.png", "src/assets/images/2026/图 (1).png"):
        address = PLACE.address_of(path)
        assert address.startswith("/assets/images/")
        assert not set(address) & set(" ()")
        assert PLACE.path_of(address) == path


def test_the_images_of_a_text_are_found_however_their_addresses_are_written() -> None:
    text = (
        "---\nimage: /assets/images/0.png\nalso: '../../assets/images/a b.png'\n---\n"
        '![a](/assets/images/1.png) text [![b](<../../assets/images/2 x.png> "t")](/assets/images/3.PNG)\n\n'
        "![c][ref]\n\n[ref]: ../../assets/images/4.png\n\n![d](../../assets/images/d%20(1\\_2).webp)\n\n"
        "<img alt='x > y' src='../../assets/images/5.png' "
        "srcset='../../assets/images/6.png 1x, /assets/images/7.png 2x'>\n"
        '<video poster="/assets/images/9&amp;%E5%9B%BE.jpg"></video> `![no](/elsewhere/8.png)` a.png\n'
        "![](/assets/images/../../b.png) ![](https://elsewhere.example/x.png) {% image '/assets/images/旧 图.gif' %}\n"
    )
    names = {"0.png", "1.png", "2 x.png", "3.PNG", "4.png", "5.png", "6.png", "7.png", "9&图.jpg"}
    names |= {"a b.png", "d (1_2).webp", "旧 图.gif"}
    assert images_in(text, PLACE, BESIDE) == {f"src/assets/images/{name}" for name in names}


@pytest.mark.parametrize(
    ("text", "is_mentioned"),
    [
        ("---\ntitle: x\n---\n![](/assets/images/a.png)", True),
        ("---\nimage: /assets/images/a.png\n---\n", True),
        ('{% image "/assets/images/a.png", "alt" %}', True),
        ("![](../../assets/images/a.png)", True),
        ("<img src=/assets/images/%61.png>", True),
        ("See https://example.org/assets/images/a.png.", True),
        ("![](/assets/images/a.png.bak) ![](/assets/images/ba.png) ![](/assets/images/a.pngx)", False),
        ("![](../assets/images/a.png)", False),
        ("the file a.png", False),
        ("", False),
    ],
)
def test_a_text_mentions_an_image_by_its_address_however_it_is_written(text: str, is_mentioned: bool) -> None:
    path = "src/assets/images/a.png"
    assert (path in images_in(text, PLACE, BESIDE)) is is_mentioned


def test_the_preview_shows_the_images_that_the_site_has_and_leaves_the_others() -> None:
    def show(address: str) -> str | None:
        path = PLACE.path_of(address, BESIDE)
        return f"/file/?path={path}&x=1" if path else None

    html = render(
        '![a "q" > b](/assets/images/a.png) ![o](https://other.example/x.png)\n\n`<img src="/assets/images/a.png">`'
    )
    shown = with_images_shown(html, show)
    assert 'src="/file/?path=src/assets/images/a.png&amp;x=1"' in shown
    assert 'src="https://other.example/x.png"' in shown
    assert shown.count("/file/") == 1

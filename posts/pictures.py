"""Pictures as people bring them: what they really are, made safe and small, and a name for them. Pure.

What a file says about itself (its name, its type) is not believed: Pillow looks at its bytes. Nothing of the file
itself is kept but what can be seen: it is written anew, turned as its camera meant it, without place and camera.
"""

import hashlib
import io
import re
import struct
import unicodedata
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError
from pypinyin import lazy_pinyin

from posts.errors import EvergreenError

LIMIT = 15_000_000
"""The largest file that is looked at, in bytes."""
MOST_PIXELS = 50_000_000
"""The largest picture that is unpacked: a few kilobytes may claim to be gigapixels."""
_MOST_PIXELS_MOVING = 80_000_000

ENDINGS: Mapping[str, str] = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "GIF": "gif"}
"""Pillow's name of each kind that is taken, and the ending that its files get."""
_KIND_OF: Mapping[str, str] = {"jpg": "JPEG", "jpeg": "JPEG", "png": "PNG", "webp": "WEBP", "gif": "GIF"}
TYPES: Mapping[str, str] = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "gif": "image/gif",
    "avif": "image/avif",
    "svg": "image/svg+xml",
}
"""What a repository may hold as an image, by ending, and the type that it is shown as."""

_HOW: Mapping[str, Mapping[str, object]] = {
    "JPEG": {"quality": 88, "progressive": True, "optimize": True},
    "PNG": {},
    "WEBP": {"quality": 86},
    "GIF": {},
}
_MODES: Mapping[str, tuple[str, ...]] = {
    "JPEG": ("RGB", "L"),
    "PNG": ("RGB", "RGBA", "P", "L", "LA", "1", "I;16"),
    "WEBP": ("RGB", "RGBA"),
    "GIF": ("P", "L", "RGB", "RGBA", "1"),
}
# Of what a picture says of itself, what is needed to show it. Where and with what it was taken is not.
_SEEN = ("transparency", "background", "duration", "loop", "disposal")
_UNREADABLE = (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, struct.error, zlib.error)
_LONGEST_STEM = 60
_SAYS_NOTHING = re.compile(r"(image|img|blob|unnamed|untitled|download|pasted[ -]image)?[-_ ()\d]*", re.IGNORECASE)
_HEIC = (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftyphevc", b"ftypavif", b"ftypavis")


class PictureRefused(EvergreenError):
    """A file that cannot be taken as a picture: `image_svg`, `image_type`, `image_broken` and others."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture made safe: its bytes, Pillow's name of its kind, and its size in pixels."""

    data: bytes
    kind: str
    width: int
    height: int

    @property
    def blob_id(self) -> str:
        """The name that git gives these bytes."""
        return hashlib.sha1(b"blob %d\0" % len(self.data) + self.data, usedforsecurity=False).hexdigest()


def read_picture(data: bytes, *, to_stand_at: str = "") -> Picture:
    """`data` as a picture, written anew: turned upright, without metadata. The same data gives the same bytes.

    With `to_stand_at`, a path, it becomes of the kind that the path's ending says. Raises `PictureRefused`.
    """
    if len(data) > LIMIT:
        raise PictureRefused("image_too_large", megabytes=LIMIT // 1_000_000)
    kind = _KIND_OF.get(ending_of(to_stand_at), "")
    if to_stand_at and not kind:
        raise PictureRefused("image_kind", path=to_stand_at)
    try:
        with Image.open(io.BytesIO(data), formats=tuple(ENDINGS)) as image:
            kind = kind or _KIND_OF.get(str(image.format).lower(), "JPEG")
            return _written(image, kind)
    except UnidentifiedImageError:
        raise PictureRefused(_what_else(data)) from None
    except Image.DecompressionBombError:
        raise _too_many_pixels() from None
    except _UNREADABLE:
        raise PictureRefused("image_broken") from None


def small(data: bytes, side: int) -> bytes | None:
    """A picture of at most `side` pixels each way, as WebP; None for what cannot be shown small."""
    try:
        with Image.open(io.BytesIO(data), formats=tuple(ENDINGS)) as image:
            if image.width * image.height > MOST_PIXELS:
                return None
            image.draft("RGB", (side * 2, side * 2))
            shown = ImageOps.exif_transpose(image)
            shown = shown.convert("RGBA" if shown.has_transparency_data else "RGB")
            shown.thumbnail((side, side))
            out = io.BytesIO()
            shown.save(out, "WEBP", quality=80)
            return out.getvalue()
    except (Image.DecompressionBombError, *_UNREADABLE):
        return None


def ending_of(path: str) -> str:
    """The ending of `path` in small letters, without the dot."""
    return PurePosixPath(path).suffix.lower().removeprefix(".")


def clean_stem(name: str, otherwise: str = "") -> str:
    """A file's name without ending as small Latin letters, digits and hyphens, Chinese by its sound.

    For one that says nothing (`image.png`, as browsers call what is pasted) the words of `otherwise` are taken.
    """
    stem = PurePosixPath(name.replace("\\", "/")).stem
    for words in (otherwise if _SAYS_NOTHING.fullmatch(stem) else stem, stem):
        sounded = " ".join(lazy_pinyin(unicodedata.normalize("NFKC", words)))
        plain = unicodedata.normalize("NFKD", sounded).encode("ascii", "ignore").decode().lower()
        clean = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
        if len(clean) > _LONGEST_STEM:
            clean = clean[: _LONGEST_STEM + 1].rpartition("-")[0] or clean[:_LONGEST_STEM]
        if clean:
            return clean
    return "image"


def _written(image: Image.Image, kind: str) -> Picture:
    frames = getattr(image, "n_frames", 1) if kind != "JPEG" else 1
    pixels = image.width * image.height
    if pixels > MOST_PIXELS:
        raise _too_many_pixels()
    if pixels * frames > _MOST_PIXELS_MOVING:
        raise PictureRefused("image_moves_too_long")
    how = dict(_HOW[kind])
    if frames > 1:
        still = [_plain(frame, kind) for frame in ImageSequence.Iterator(image)]
        how |= {"save_all": True, "append_images": still[1:]}
        how |= {"duration": [int(frame.info.get("duration", 100)) for frame in still]}
        how |= {"loop": still[0].info["loop"]} if "loop" in still[0].info else {}
        first = still[0]
    else:
        first = _plain(ImageOps.exif_transpose(image), kind)
    out = io.BytesIO()
    first.save(out, kind, **how)
    return Picture(out.getvalue(), kind, first.width, first.height)


def _plain(image: Image.Image, kind: str) -> Image.Image:
    """What can be seen of `image`, and nothing that it says of itself; with its colours as they are meant."""
    profile = image.info.get("icc_profile")
    if image.mode in _MODES[kind]:
        plain = image.copy()
        plain.info = {key: image.info[key] for key in _SEEN if key in image.info}
        if profile and image.mode in ("RGB", "RGBA"):
            plain.info["icc_profile"] = profile
        return plain
    if kind == "JPEG" and image.has_transparency_data:
        # JPEG has no holes: they become white, as paper, not black.
        paper = Image.new("RGB", image.size, "white")
        laid = image.convert("RGBA")
        paper.paste(laid, mask=laid.getchannel("A"))
        return paper
    plain = image.convert("RGBA" if image.has_transparency_data and kind != "JPEG" else "RGB")
    plain.info = {key: image.info[key] for key in ("duration", "loop") if key in image.info}
    return plain


def _what_else(data: bytes) -> str:
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"<") and b"<svg" in data[:65536].lower():
        return "image_svg"
    return "image_heic" if data[4:12] in _HEIC else "image_type"


def _too_many_pixels() -> PictureRefused:
    return PictureRefused("image_too_many_pixels", megapixels=MOST_PIXELS // 1_000_000)

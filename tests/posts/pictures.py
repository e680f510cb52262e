"""Pictures for tests, made by Pillow as a camera, a program or a prankster would make them."""

import io
import struct
import zlib

from PIL import ExifTags, Image, PngImagePlugin


def png(colour: str = "red", size: tuple[int, int] = (40, 30)) -> bytes:
    """A plain PNG."""
    return _saved(Image.new("RGB", size, colour), "PNG")


def jpeg_of_a_phone(size: tuple[int, int] = (60, 20)) -> bytes:
    """A JPEG that lies on its side, and tells where it was taken, and by whom."""
    image = Image.new("RGB", size, "blue")
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.Artist] = "Somebody Private"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] = "N"
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif, comment=b"a secret remark")
    return out.getvalue()


def png_with_words() -> bytes:
    """A PNG with a hidden text in it."""
    words = PngImagePlugin.PngInfo()
    words.add_text("Author", "Somebody Private")
    out = io.BytesIO()
    Image.new("RGB", (5, 5)).save(out, "PNG", pnginfo=words)
    return out.getvalue()


def moving_gif(frames: int = 3) -> bytes:
    """A GIF that moves."""
    first, *others = [Image.new("RGB", (20, 20), (80 * number, 10, 10)) for number in range(frames)]
    out = io.BytesIO()
    first.save(out, "GIF", save_all=True, append_images=others, duration=[100, 200, 300][:frames], loop=0)
    return out.getvalue()


def bomb(side: int = 50_000) -> bytes:
    """A PNG of a few bytes that claims to have very many pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


def _saved(image: Image.Image, kind: str) -> bytes:
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()

"""A name as a part of an address: small Latin letters and digits, Chinese by its sound. Pure."""

import re
import unicodedata

from pypinyin import lazy_pinyin

LONGEST = 100
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
_NO_SLUG = re.compile(r"[^a-z0-9]+")


def slug_of(name: str) -> str:
    """`name` as an address has it: `台积电 (TSMC)` is `tai-ji-dian-tsmc`; "" if it has neither letter nor digit."""
    sounded = _HAN.sub(lambda found: f" {' '.join(lazy_pinyin(found[0]))} ", unicodedata.normalize("NFKC", name))
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", sounded) if not unicodedata.combining(sign))
    slug = _NO_SLUG.sub("-", plain.casefold()).strip("-")
    return slug[:LONGEST].rstrip("-")

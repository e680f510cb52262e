"""Signs before Chinese that belong to what is Latin there, and stay half-width: of names, options, paths, keys."""

import re

HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_FAR = 80
_MARKS = 4
_PARTED = re.compile(r"[\s\"'()\[\]“”‘’（）《》〈〉「」『』【】，。；：！？、…]+")
_FILES = (
    "md|txt|py|js|ts|css|html?|json|ya?ml|toml|xml|csv|tsv|ini|cfg|conf|env|lock|log|sh|bat|exe|sql|go|rs|java|php|rb"
    "|docx?|xlsx?|pptx?|pdf|png|jpe?g|gif|svg|webp|mp[34]|mov|wav|zip|gz"
)
_FILE = re.compile(rf"[\w-]\.(?:{_FILES})\Z", re.IGNORECASE)
_FILE_AHEAD = re.compile(rf"[\w-]{{1,40}}\.(?:{_FILES})(?![A-Za-z0-9])", re.IGNORECASE)
# Of a path with one `/` both parts are long and small: `TCP/IP`, `km/h`, `2/13` and `苹果/OpenAI` are none.
_OPTION_OR_PATH = re.compile(
    rf"(?:\A--?(?=[A-Za-z])|(?<=[{HAN}])--(?=[a-z])|\A(?:~|\.\.?)?/(?=[A-Za-z0-9_.])|\\(?=[A-Za-z]))[!-~]*\Z"
    r"|(?<![A-Za-z0-9._/~-])[a-z_.~][a-z0-9._~-]{2,}/[a-z0-9._~/-]{3,}\Z"
)
_HOST = re.compile(r"(?:localhost|\d{1,3}(?:\.\d{1,3}){3})\Z")
_DRIVE = re.compile(r"(?<![A-Za-z0-9])[A-Z]\Z")
_REPLY = re.compile(r"(?<![A-Za-z0-9])(?:re|fwd?)\Z", re.IGNORECASE)
# What a line of YAML or code begins with. A word in bold is no key, `iPhone` is a name, `v1.2` a version.
_KEY = re.compile(r"[ \t>]*(?:[-+*][ \t]+)?(?!v\d)[a-z_][a-z0-9_.-]*(?:[ \t][ -~]*)?\Z")


def belongs_to_latin(text: str, start: int, end: int) -> bool:
    """Whether the sign from `start` to `end` behind a Latin word or number, and before Chinese, is a part of that.

    `Yahoo! 公司`, `--flag: 说明`, `a.yaml: 设置`, `C: 盘`, `title: 标题` at the beginning of a line.
    """
    sign, blank = text[start], text[end : end + 1] in (" ", "\t")
    before = text[max(0, start - _FAR) : start].rstrip("*_~")
    if sign == "!" and before[-1:] != "%":
        return True
    word = _PARTED.split(before)[-1].lstrip("*")
    if _FILE.search(word) or _OPTION_OR_PATH.search(word):
        return True
    if sign == ":" and (_REPLY.search(word) or (not blank and _HOST.search(word))):
        return True
    if sign == ":" and _DRIVE.search(word) and text[end : end + 2].lstrip().startswith("盘"):
        return True
    if sign not in ":;" or not blank:
        return False
    line_start = text.rfind("\n", max(0, start - _FAR), start) + 1
    return (line_start > 0 or start <= _FAR) and _KEY.match(text, line_start, start) is not None


def may_end_a_name(text: str, start: int, end: int) -> bool:
    """Whether it is a question mark that a Latin name may end in, and the sentence, too: `What's Next? 讲得很好`."""
    behind = text[max(0, start - _MARKS) : start].rstrip("*_~")[-1:]
    return text[start] == "?" and text[end : end + 1] in (" ", "\t") and behind.isascii() and behind.isalpha()


def in_name_of_file(text: str, dot: int) -> bool:
    """Whether the dot at `dot` stands within the name of a file: `报告.最终版.pdf`."""
    return _FILE_AHEAD.match(text, dot + 1) is not None

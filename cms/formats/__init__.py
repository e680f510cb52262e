"""How days and times are written, for each language: Django asks these modules before its own.

As front matter has them: alike in every language, and in order when they are sorted.
"""

DATE_FORMAT = SHORT_DATE_FORMAT = "Y-m-d"
DATETIME_FORMAT = SHORT_DATETIME_FORMAT = "Y-m-d H:i"
TIME_FORMAT = "H:i"

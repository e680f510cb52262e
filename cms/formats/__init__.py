"""How days and times are written, for each language: Django asks these modules before its own."""

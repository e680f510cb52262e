"""The content of one post's file, read and edited to the byte. Pure: text in, text out, no Django, no git."""

"""Files as Snom's phones get them, and what is none."""

# bytes -> what the phone says about them
NO_SNOM_FILE = {
    b"": "not XML: no element found",
    b"\xff<settings/>": "not UTF-8 at byte 0",
    b"<settings>": "not XML: no element found",
    b"<settings>&x;</settings>": "not XML: undefined entity",
    b'<a url="x?a=1&b=2"/>': "not XML: not well-formed",
    b"<html>404</html>": "the root is <html>, expected <settings>",
    b'<!DOCTYPE settings [<!ENTITY a "aaaa">]><settings>&a;</settings>': "a document type",
    b"<setting-files>" + b'<file url="x"/>' * 21 + b"</setting-files>": "21 files, expected at most 20",
}


def container(*urls: str) -> bytes:
    files = "".join(f'<file url="{url}"/>' for url in urls)
    return f"<setting-files>{files}</setting-files>".encode()


def languages(what: str, url: str, name: str) -> bytes:
    return f'<{what}-languages><language url="{url}" name="{name}"/></{what}-languages>'.encode()


def phone_settings(text: str, keys: str = "") -> bytes:
    return f"<settings><phone-settings>{text}</phone-settings><functionKeys>{keys}</functionKeys></settings>".encode()

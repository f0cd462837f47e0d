"""
How a real phone comes onto this server: what stands in its vendor's README.md, with server and key put in.

Each README has a section of one shape: how to reset the phone, plug and play, by hand; with `SERVER` and `KEY` where
offices differ.
"""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from textwrap import fill
from urllib.parse import quote, urlsplit

from attrs import frozen

from provserver.errors import Invalid
from provserver.phone.profiles import PROFILES

_HEADING = "A phone onto this server"
_ASIDE = "(SERVER: the name or address of provd; KEY: the provisioning key of the phone's tenant)"
_WIDTH = 96


@frozen
class Subject:
    """Phones of one folder of vendors; `name` as people write it: `Yealink T46S`, `Yealink`."""

    folder: str
    name: str


def subjects(vendor: str | None, model: str) -> tuple[Subject, ...]:
    """
    Return the phones that are meant. Without a vendor a model may be several vendors', and may be a vendor itself.

    Raises:
        Invalid: none is known; the nearest is named.
    """
    if vendor is None and _profile(model) in PROFILES:
        return (Subject(_folder(_profile(model)), PROFILES[_profile(model)].vendor),)
    if vendor is not None and _profile(vendor) not in PROFILES:
        raise Invalid(f"no vendor {vendor!r}; there are {', '.join(PROFILES)}")
    names = list(PROFILES) if vendor is None else [_profile(vendor)]
    models = [(each, name) for name in names for each in PROFILES[name].models]
    found = [(name, each) for each, name in models if each.lower() == model.lower()]
    if not found:
        near = get_close_matches(model.upper(), [each for each, _ in models], n=1)
        hint = f"did you mean {near[0]}?" if near else "`provd-phone list` shows all"
        raise Invalid(f"no phone {model!r}; {hint}")
    return tuple(Subject(_folder(name), f"{PROFILES[name].vendor} {each}") for name, each in found)


def told(subject: Subject, server: str, key: str) -> str:
    """
    Return what to do. `server` is a URL without a slash at its end; "" leaves `SERVER`, and so does `key`.

    Raises:
        Invalid: the vendor's folder says nothing.
    """
    readme = _vendors() / subject.folder / "README.md"
    text = section(readme.read_text(encoding="utf-8")) if readme.is_file() else ""
    if not text:
        raise Invalid(f"{readme} does not say how")
    title = f"{subject.name}: onto {server or 'provd'}"
    asides = () if server and key else (_ASIDE,)
    return "\n\n".join([title, *blocks(filled(plain(text), server, key)), *asides])


def section(readme: str) -> str:
    """Return the part of a vendor's README.md that is about this."""
    match = re.search(rf"(?ms)^## {_HEADING}\n(.*?)(?=^## |\Z)", readme)
    return match[1].strip() if match else ""


def blocks(text: str) -> Iterator[str]:
    """Yield paragraphs and points, each broken into lines anew."""
    for block in re.split(r"\n\s*\n|\n(?=\d+\. )", text):
        indent = "   " if re.match(r"\d+\. ", block) else ""
        yield fill(
            " ".join(block.split()),
            _WIDTH,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )


def plain(text: str) -> str:
    """Return Markdown as it reads on a terminal: what stands in backticks is meant as it is."""
    parts = text.split("`")
    return "".join(part if at % 2 else re.sub(r"\*+", "", part) for at, part in enumerate(parts))


def filled(text: str, server: str, key: str) -> str:
    """Put a server's URL and a provisioning key into a text."""
    values = _values(server, quote(key, safe="") or "KEY")
    pattern = "|".join(map(re.escape, values))  # the longest come first
    return re.sub(rf"\b(?:{pattern})\b", lambda match: values[match[0]], text)


def _values(server: str, key: str) -> Mapping[str, str]:
    if not server:
        return {"KEY": key}
    parts = urlsplit(server)
    place = f"{parts.netloc}{parts.path}"
    return {
        "https://SERVER/KEY": f"{server}/{key}",
        "http://SERVER:8667": server,
        "SERVER:8667": place,
        "SERVER/KEY": f"{place}/{key}",
        "SERVER": parts.hostname or place,
        "KEY": key,
    }


def _profile(vendor: str) -> str:
    return vendor.lower().replace("-", "_")


def _folder(profile: str) -> str:
    return profile.replace("_", "-")


def _vendors() -> Path:
    """Return where the vendors' folders lie: `plugins/` in a checkout, in a wheel beside the server's own code."""
    checkout = Path(__file__).parents[2] / "plugins"
    return checkout if (checkout / ".provd-vendors").is_file() else Path(__file__).parents[1] / "vendors"

"""
How Snom's phones and DECT bases boot (Snom's service pages, *Auto provisioning*; Wazo's plugins).

They ask for the container of their model and for their own, and then for every file that the two name, one after the
other: a later file changes what an earlier one said. Then come firmware that they do not run yet, and the packs of
their language.
"""

from collections.abc import Generator
from urllib.parse import urlsplit

from provserver.errors import Invalid
from provserver.phone.fetching import Files
from provserver.phone.profiles.snom.credentials import credentials
from provserver.phone.profiles.snom.files import Container, File, Settings, changed, read_file
from provserver.phone.profiles.snom.models import MODELS
from provserver.phone.profiles.snom.screen import out_of_place, screen
from provserver.phone.values import Booted, Fetch, Fetched, Memory, Phone, Profile, Script

_PLATFORM = "2010.12-00004-g9ba52f5"  # stands between a phone's version and its MAC address


def user_agent(phone: Phone) -> str:
    digits = phone.mac.replace(":", "")
    if MODELS[phone.model].is_base:
        told = f"Snom {phone.model} {phone.version} {digits}"
    else:
        told = f"snom{phone.model}-SIP {phone.version} {_PLATFORM} {digits.upper()} SXM:0 UXM:0"
    return f"Mozilla/4.0 (compatible; {told})"


def vendor_class(phone: Phone) -> str:
    return f"snom{phone.model}"


def boot(phone: Phone, server: str, memory: Memory) -> Script:
    booting = _Boot(phone, Files(server, user_agent(phone), memory.files), dict(memory.settings))
    yield from booting.run()
    settings = booting.settings
    problems = (*booting.files.problems, *out_of_place(phone.model, settings))
    display = screen(MODELS[phone.model], settings)
    return Booted(booting.provisioned, display, problems, Memory(booting.files.kept, settings))


class _Boot:
    """What a phone learns while it starts. `lists`: of the root of a list, what stands in it."""

    def __init__(self, phone: Phone, files: Files, settings: dict[str, str]) -> None:
        self.files = files
        self.settings = settings
        self.provisioned = False
        self._phone = phone
        self._digits = phone.mac.replace(":", "").upper()
        self._lists: dict[str, dict[str, str]] = {}

    def run(self) -> Generator[Fetch, Fetched, None]:
        model = self._phone.model
        named: list[str] = []
        for container in (f"snom{model}.htm", f"snom{model}-{self._digits}.htm"):
            file = yield from self._read(container)
            if isinstance(file, Container):
                named.extend(file.urls)
        for url in named:
            noted = len(self.files.problems)
            file = yield from self._read(url)
            if file is None and len(self.files.problems) == noted:
                self.files.complain(self._filled(url), "named by a container, and not there")
            elif isinstance(file, Settings) and self._is_own(url):
                self.provisioned = True
        yield from self._firmware()
        for root, setting in (("gui-languages", "language"), ("web-languages", "web_language")):
            if pack := self._lists.get(root, {}).get(self.settings.get(setting, "")):
                yield from self.files.get(self._filled(pack))

    def _read(self, reference: str) -> Generator[Fetch, Fetched, File | None]:
        """Fetch a file and take what it says; None where there is none that can be read."""
        reference = self._filled(reference)
        body = yield from self.files.get(reference)
        if body is None:
            return None
        try:
            file = read_file(body)
        except Invalid as problem:
            self.files.complain(reference, problem.text)
            return None
        if isinstance(file, Settings):
            self.settings = changed(self.settings, file)
        elif not isinstance(file, Container):
            self._lists.setdefault(file.root, {}).update(file.values)
        return file

    def _firmware(self) -> Generator[Fetch, Fetched, None]:
        """A desk phone is told the whole name of an image, a base its numbers."""
        known = self._lists.get("firmware-settings", {})
        if status := self.settings.get("firmware_status") or known.get("firmware-status"):
            yield from self._read(status)
        images = self._lists.get("firmware-settings", {})
        where = images.get("firmware", "")
        if not where:
            return
        if MODELS[self._phone.model].is_base:
            sw, branch = (images.get(f"fp_fwu_{what}_version", "").zfill(4) for what in ("sw", "branch"))
            if sw + branch not in ("00000000", self._phone.version.replace(".", "")):
                name = f"{self._phone.model}_v{sw}_b{branch}.fwu"
                yield from self.files.get(f"{where.rstrip('/')}/{self._phone.model}/{name}")
        elif f"-{self._phone.version}-" not in where:
            yield from self.files.get(self._filled(where))

    def _is_own(self, url: str) -> bool:
        return urlsplit(url).path.rpartition("/")[2].upper().startswith(self._digits)

    def _filled(self, url: str) -> str:
        return url.replace("{mac}", self._digits)


PROFILE = Profile(
    "Snom",
    {name: model.version for name, model in MODELS.items()},
    "http://127.0.0.1:8667/",
    user_agent,
    vendor_class,
    pnp=True,
    boot=boot,
    credentials=credentials,
)

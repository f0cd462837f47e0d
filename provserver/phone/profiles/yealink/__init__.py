"""
How Yealink phones boot (version lines 73 to 87; Yealink's administration guides).

From line 81 on they ask for a boot file, their own and then the common one; it names the configuration files. Without
one, and with older firmware, these are the common file of the platform and then the phone's own, and the later file
wins. Then come the files that the configuration names. The remote phonebook is fetched only when somebody opens it,
and firmware is not fetched here at all.
"""

from collections.abc import Generator

from provserver.errors import Invalid
from provserver.phone.fetching import Files
from provserver.phone.profiles.yealink.credentials import credentials
from provserver.phone.profiles.yealink.files import (
    BootFile,
    changed,
    read_boot_file,
    read_config,
    without_unknown,
)
from provserver.phone.profiles.yealink.models import MODELS, generation
from provserver.phone.profiles.yealink.screen import out_of_place, screen
from provserver.phone.values import Booted, Fetch, Fetched, Memory, Phone, Profile, Script

_BOOT_FILES_SINCE = _PREFIX_SINCE = 81
_NAMED_FILES = (
    "static.directory_setting.url",
    "static.trusted_certificates.url",
    "static.server_certificates.url",
    "gui_lang.url",
)


def user_agent(phone: Phone) -> str:
    return f"Yealink {MODELS[phone.model].prefix}{phone.model} {phone.version} {phone.mac}"


def boot(phone: Phone, server: str, memory: Memory) -> Script:
    model = MODELS[phone.model]
    files = Files(server, user_agent(phone), memory.files)
    settings = dict(memory.settings)
    digits = phone.mac.replace(":", "")
    common = f"y{model.platform:0>12}.cfg"
    line = generation(phone.version)
    boot_file = (yield from _boot_file(files, digits)) if line >= _BOOT_FILES_SINCE else None
    plan = boot_file or BootFile((common, f"{digits}.cfg"), overwrite=False)
    provisioned = False
    for name in plan.includes:
        body = yield from files.get(name)
        if body is None:
            continue
        try:
            config = read_config(body)
        except Invalid as problem:
            files.complain(name, problem.text)
            continue
        settings = changed(settings, without_unknown(config, line >= _PREFIX_SINCE), plan.overwrite)
        if config.problem:
            files.complain(name, config.problem)
        provisioned = provisioned or name != common
    for key in _NAMED_FILES:
        if url := settings.get(key if line >= _PREFIX_SINCE else key.removeprefix("static.")):
            yield from files.get(url)
    problems = (*files.problems, *out_of_place(phone.model, settings))
    return Booted(provisioned, screen(model, settings), problems, Memory(files.kept, settings))


def _boot_file(files: Files, digits: str) -> Generator[Fetch, Fetched, BootFile | None]:
    for name in (f"{digits}.boot", "y000000000000.boot"):
        body = yield from files.get(name)
        if body is not None:
            try:
                return read_boot_file(body)
            except Invalid as problem:
                files.complain(name, problem.text)
    return None


def vendor_class(phone: Phone) -> str:  # noqa: ARG001 - the profile's
    return "yealink"  # the phone's setting *Vendor class ID*, unless changed


PROFILE = Profile(
    "Yealink",
    {name: model.version for name, model in MODELS.items()},
    "http://127.0.0.1:8667/",
    user_agent,
    vendor_class,
    pnp=True,
    boot=boot,
    credentials=credentials,
)

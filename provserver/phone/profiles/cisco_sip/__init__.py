"""
How Cisco's Unified SIP phones 8941 and 8945 boot (firmware 9.3; Cisco's administration guides).

After the common files of `cisco_files.py` come the dial plan, the soft keys, other firmware where the file names
it, and the tones of the country.
"""

from provserver.phone.fetching import Files
from provserver.phone.profiles.cisco_files import load_file, own_file, text_of, tones, trust_lists
from provserver.phone.profiles.cisco_sip.credentials import credentials
from provserver.phone.profiles.cisco_sip.models import MODELS
from provserver.phone.profiles.cisco_sip.screen import out_of_place, screen
from provserver.phone.values import Booted, Memory, Phone, Profile, Script

_NAMED_FILES = ("sipProfile/dialTemplate", "sipProfile/softKeyFile")


def boot(phone: Phone, server: str, memory: Memory) -> Script:
    files = Files(server, user_agent(phone), memory.files)
    yield from trust_lists(files, phone, with_itl=True)
    device, provisioned, settings = yield from own_file(files, phone, memory.settings)
    if provisioned:
        for path in _NAMED_FILES:
            if name := text_of(device, path):
                yield from files.get(name)
        yield from load_file(files, phone, device)
        yield from tones(files, device, "g4-tones.xml")
    problems = (*files.problems, *out_of_place(phone.model, device))
    return Booted(provisioned, screen(device), problems, Memory(files.kept, settings))


def user_agent(phone: Phone) -> str:  # noqa: ARG001 - the profile's
    return ""


def vendor_class(phone: Phone) -> str:
    return f"Cisco Systems, Inc. IP Phone CP-{phone.model}"


PROFILE = Profile(
    "Cisco",
    {name: model.version for name, model in MODELS.items()},
    "tftp://127.0.0.1:6969/",
    user_agent,
    vendor_class,
    pnp=False,
    boot=boot,
    credentials=credentials,
    restarts_at="service-control",
)

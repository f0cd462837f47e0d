"""What a PBX is to do: the accounts of waiting phones, what they may dial, and how it and provd reach each other."""

import json
import re
from collections.abc import Callable, Mapping

from attrs import field, frozen

from provserver.errors import Invalid

SHARED_USER = "autoprov"
MOST_SHARED = 1_000  # phones of the one account; its REGISTER's answers outgrow a packet far earlier
_MOST_SLOTS = 20_000
_SECRET = r"[0-9A-Za-z]{12,64}"  # noqa: S105 - what no file of any PBX gives a meaning to
_HOST = r"[0-9A-Za-z]([0-9A-Za-z.-]{0,251}[0-9A-Za-z])?|\[[0-9A-Fa-f:.]+\]"


@frozen
class Slot:
    user: str
    secret: str = field(repr=False)


@frozen
class Pool:
    """The accounts of waiting phones, and the password by which provd commands the PBX."""

    slots: tuple[Slot, ...]
    manager_secret: str = field(repr=False)


@frozen
class Plan:
    pool: Pool
    shared: bool  # one account for all waiting phones
    provd: str  # host, as the PBX reaches it
    agi_port: int
    rest_url: str  # without trailing slash
    pbx: str  # host, as phones and provd reach it
    sip_port: int
    reset_code: str
    folder: str  # where the files lie on the PBX
    kept: str = ""  # file with the list of slots, which provd reads

    @property
    def accounts(self) -> str:
        """Return the regular expression of the users."""
        if self.shared:
            return f"^{SHARED_USER}$"
        first = self.pool.slots[0].user
        prefix = first.rstrip("0123456789")
        return f"^{prefix}[0-9]{{{len(first) - len(prefix)}}}$"


Files = Mapping[str, str]  # place -> text


def pool(count: int, prefix: str, new_secret: Callable[[], str], kept: Pool | None) -> Pool:
    """
    Return a pool of `ap0000`, `ap0001`, …; of one that is `kept` every secret stays.

    Raises:
        Invalid: naming the option of the command line.
    """
    if not 1 <= count <= _MOST_SLOTS:
        raise Invalid(f"{count} slots, expected 1 to {_MOST_SLOTS}", "--slots")
    if not re.fullmatch("[a-z]{1,10}", prefix):
        raise Invalid(f"{prefix!r}, expected 1 to 10 small letters", "--prefix")
    digits = max(4, len(str(count - 1)))
    return _filled(tuple(f"{prefix}{number:0{digits}}" for number in range(count)), new_secret, kept)


def shared_pool(new_secret: Callable[[], str], kept: Pool | None) -> Pool:
    return _filled((SHARED_USER,), new_secret, kept)


def _filled(users: tuple[str, ...], new_secret: Callable[[], str], kept: Pool | None) -> Pool:
    known = {slot.user: slot for slot in kept.slots} if kept else {}
    slots = tuple(known.get(user) or Slot(user, new_secret()) for user in users)
    return Pool(slots, kept.manager_secret if kept else new_secret())


def pool_json(plan: Plan) -> str:
    """Write what provd reads: the accounts, and where they are registered."""
    document = {
        "registrar": plan.pbx,
        "port": plan.sip_port,
        "shared": plan.shared,
        "manager_secret": plan.pool.manager_secret,
        "slots": [{"username": slot.user, "password": slot.secret} for slot in plan.pool.slots],
    }
    return json.dumps(document, indent=1) + "\n"


def read_pool(text: str) -> Pool:
    """Read the accounts of `pool_json`. Raises: Invalid."""
    try:
        document = json.loads(text)
        slots = tuple(Slot(str(slot["username"]), str(slot["password"])) for slot in document["slots"])
        read = Pool(slots, str(document["manager_secret"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Invalid("not a list of slots that provd-pbx has written") from None
    secrets = (*(slot.secret for slot in slots), read.manager_secret)
    if not all(re.fullmatch(_SECRET, secret) for secret in secrets):
        raise Invalid("a secret in the list of slots is not 12 to 64 letters and digits")
    if not slots or not all(re.fullmatch("[a-z]{1,10}[0-9]{0,5}", slot.user) for slot in slots):
        raise Invalid("a user in the list of slots is not like ap0017")
    return read


def host(text: str, option: str) -> str:
    """Return a host name or address as it stands in a configuration. Raises: Invalid."""
    if not re.fullmatch(_HOST, text):
        raise Invalid(f"not a host: {text[:60]!r}", option)
    return text


def port(number: int, option: str) -> int:
    """Raises: Invalid."""
    if not 1 <= number <= 65_535:
        raise Invalid(f"{number}, expected a port", option)
    return number


def url(text: str, option: str) -> str:
    """Raises: Invalid."""
    if not re.fullmatch(rf"https?://(?:{_HOST})(?::[0-9]{{1,5}})?(?:/[0-9A-Za-z._/-]*)?", text):
        raise Invalid(f"not a URL like http://192.0.2.10:8666: {text[:60]!r}", option)
    return text.rstrip("/")


def reset_code(text: str) -> str:
    """Raises: Invalid."""
    if not re.fullmatch(r"\*?[0-9]{2,9}", text) or re.fullmatch("[0-9]{6}", text):
        raise Invalid(
            f"{text[:20]!r}, expected digits, perhaps after *, which are no provisioning code", "--reset-code"
        )
    return text


def filled(text: str, words: Mapping[str, str]) -> str:
    """Put words in the places of `@pbx@` and the like; they must have been checked or quoted."""
    return re.sub("@([a-z_]+)@", lambda found: words[found[1]], text)


def folder(text: str) -> str:
    """Raises: Invalid."""
    if not re.fullmatch("(?:/[0-9A-Za-z._-]+)+", text):
        raise Invalid(f"not an absolute path of plain letters: {text[:60]!r}", "--folder")
    return text


def provd_section(kind: str, plan: Plan, *lines: str) -> str:
    """Return the section of `provd.toml` for this PBX."""
    shared = f'shared = ["{SHARED_USER}"]  # told by its contact only, since several phones have it'
    common = (f"[pbx.{kind}]", f'kind = "{kind}"', f'host = "{plan.pbx.strip("[]")}"', *lines)
    slots = ("[slots]", f"file = {json.dumps(plan.kept)}", "") if plan.kept else ()
    return "\n".join([*slots, *common, *([shared] if plan.shared else []), ""])

"""Explain: the sentence for each step, made when someone reads it. `docs/words.md` lists every reason_id."""

from provserver.model import Step

SENTENCES = {
    "identify.found": "the request says: {0}",
    "identify.nothing": "no vendor knows User-Agent {0} or path {1}",
    "identify.contradiction": "{2} says {0} {1}, but {4} says {3}; the first is believed",
    "identify.malformed": "{2} says {0} {1}, which is none",
    "match.by-mac": "it is device {0}, which has MAC {1}",
    "match.by-serial": "it is device {0}, which has serial number {1}",
    "match.by-uuid": "it is device {0}, which has UUID {1}",
    "match.by-ip": "it is device {0}, the only one at {1} that it can be",
    "match.twins": "more than one device has MAC {0}; {1} is taken, not {2}",
    "match.ambiguous": "several devices have {0} {1}: {2}; none is taken",
    "match.by-token": "its token says that it is device {0}",
    "match.none": "no device that is known fits",
    "access.all": "it came from {0}, where secrets need proof {1}; its proof is {2}: it may have every file",
    "access.open-only": "it came from {0}, where secrets need proof {1}; its proof is {2}: only open files",
    "access.refused": "it came from {0}, where everything needs proof {1}; its proof is {2}: it gets nothing",
    "access.other-tenants-key": "the key in the path is another tenant's: it gets nothing",
    "access.source-refused": "{0} asked for too many phones that nobody knows: it gets nothing for a while",
    "access.other-devices-token": "the token is another device's: it gets nothing",
    "access.other-devices-certificate": "its certificate names {1}, but it says {0}: it gets nothing",
    "access.pairing": "it came from {0}, where secrets need proof {1}; its proof {2} is enough to be told its token",
    "access.lease": "the DHCP server says so",
    "learn.new": "it becomes device {0} of tenant {1}",
    "learn.filled": "device {0} gets {1}",
    "learn.pairing": "device {0} is to get a token of its own",
    "learn.paired": "device {0} has its token now, and it is told no more",
    "learn.known": "nothing about device {0} is new",
    "learn.no-identity": "without MAC, serial number or UUID no device is made of it",
    "learn.too-many-new": "too many new devices came from {0}; it must wait",
    "learn.too-many-waiting": "{0} devices wait for their user already; no more are made",
    "learn.not-stored": "what is new could not be stored: {0}",
    "choose.kept": "plugin {0} serves it, as was decided",
    "choose.chosen": "plugin {0} serves it ({1})",
    "choose.no-plugin": "no plugin serves vendor {0}, model {1}; nearest: {2}, {3}",
    "choose.not-loaded": "its plugin {0} is not installed here",
    "find.found": "the path is file {0} ({1})",
    "find.no-rule": "plugin {0} has no file {1} for this phone",
    "find.no-file": "plugin {0} would serve {1}, but there is no such file",
    "find.no-uploads": "plugin {0} takes {1}, but uploads are not accepted",
    "find.no-upgrades": "plugin {0} would serve {1}, but its phones are not to get other firmware",
    "find.secret": "file {0} is secret",
    "find.upload": "the phone may write {0}",
    "find.url": "SIP PnP: the phone is told to ask {0}",
    "find.unknown-device": "file {0} is made for one device, and this is none that is known",
    "slots.given": "it gets slot {0}",
    "slots.kept": "it has slot {0}",
    "slots.shared": "it shares account {0}",
    "slots.exhausted": "no slot is free for {0} of its ports",
    "render.done": "{0} has {1} bytes, ETag {2}",
    "render.last-good": "the last good {0} is served instead, ETag {1}",
    "render.ignored": "{0}: the files of plugin {1} have no place for it",
    "render.no-such-line": "{0}: the phone has {1} lines",
    "render.no-such-key": "{0}: the phone has {1} keys",
    "render.no-config": "the device has no config",
    "render.config-missing": "the device's config {0} does not exist",
    "render.config-invalid": "the device's config {0} is not valid: {1}",
    "render.unfit": "the vendor's file cannot hold the setting {0}",
    "render.bad-template": "the template is broken: {0}",
}


_FACTS = ("vendor", "model", "firmware", "MAC", "serial number", "UUID")  # the values of `identify.found`


def sentence(step: Step) -> str:
    """Return the step as a sentence; what is not known reads as `-`."""
    values = step.values
    if step.reason_id == "identify.found":
        said = (f"{name} {value}" for name, value in zip(_FACTS, values, strict=True) if value)
        values = (", ".join(said),)
    return SENTENCES[step.reason_id].format(*map(_shown, values))


def printable(text: str) -> str:
    """Return text from a phone as it can be written: what was no UTF-8 (a lone surrogate) reads like `\\udcff`."""
    return text.encode("utf-8", "backslashreplace").decode()


def _shown(value: str) -> str:
    """Return text from a phone so that it can stand in a sentence: odd bytes escaped, never too long."""
    text = printable(value)
    text = "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)
    return text if 0 < len(text) <= 300 else f"{text[:300]}…" if text else "-"

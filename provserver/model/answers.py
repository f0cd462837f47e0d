"""What the chain answers, and why."""

from attrs import field, frozen

from provserver.model.words import Outcome, Protocol


@frozen
class Step:
    """One step of the chain. `core/explain.py` makes the sentence when someone reads it. No value is a secret."""

    name: str  # identify match access learn choose find render
    reason_id: str  # `match.by-mac`, `choose.no-plugin`, `access.needs-key`
    values: tuple[str, ...] = ()


@frozen
class File:
    """Either `body`, or a place on disk whose bytes nobody changes and the shell streams."""

    name: str
    media_type: str
    etag: str  # of the bytes, never of revisions: the same bytes give 304. Without quotes
    size: int
    modified: float
    body: bytes | None = field(default=None, repr=False)
    place: str | None = None


@frozen
class Upload:
    """What a phone may write: one file of its own, in the place of any that has the name."""

    device: str  # id
    mac: str | None  # of the device, for the eyes of the administrator
    name: str
    most_bytes: int


@frozen
class Answer:
    """`nothing` is unknown, refused or not existing: outside they are one. `busy` is 503 over HTTP and silence
    over TFTP, `noted` a lease or an upload, `bad` a request that is wrong in itself."""

    outcome: Outcome
    steps: tuple[Step, ...]
    device: str | None = None
    file: File | None = None
    upload: Upload | None = None  # of `noted`: what the request may now write
    retry_s: int = 0  # of `busy`
    challenges: tuple[str, ...] = ()  # of `challenge`: HTTP digest, the one that we like best first


@frozen
class Asked:
    """One entry of a device's timeline: what was asked, and the answer without its bytes."""

    at: float
    protocol: Protocol
    ip: str
    path: str
    answer: Answer


@frozen
class Status:
    """Whether a device's own files can be made, and if not, why."""

    configured: bool
    steps: tuple[Step, ...]
    twins: tuple[str, ...] = ()  # other devices with the same mac
    ignored: tuple[Step, ...] = ()  # of settings that the phone will not see; the first value is the setting

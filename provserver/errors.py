"""One tree of errors. Pure code raises them; each shell has one table from error to answer."""


class ProvdError(Exception):
    """Whatever provd refuses or cannot do. Its text is for the person who asked: the value, and what was
    expected of it. It never holds a secret."""

    reason_id = "error"


class Invalid(ProvdError):
    """A value is wrong in itself. `field` is its path: `raw_config.sip_lines.1.proxy_port`."""

    reason_id = "invalid"

    def __init__(self, text: str, field: str = "") -> None:
        super().__init__(f"{field}: {text}" if field else text)
        self.text = text
        self.field = field


class NotFound(ProvdError):
    reason_id = "not-found"


class Forbidden(ProvdError):
    """The document itself forbids it, whoever asks: a config that is not deletable."""

    reason_id = "forbidden"


class Unauthorized(ProvdError):
    """Wrong token, ACL or tenant: the same for every cause."""

    reason_id = "unauthorized"


class AuthAway(ProvdError):
    """Whether a token is good cannot be told now."""

    reason_id = "auth-away"


class Unfit(ProvdError):
    """A setting has a value that the vendor's file cannot hold."""

    reason_id = "render.unfit"

    def __init__(self, setting: str, text: str) -> None:
        super().__init__(f"{setting}: {text}")
        self.setting = setting


class BadTemplate(ProvdError):
    """A template cannot be read or run: `dect.tpl line 3: undefined: lable`."""

    reason_id = "render.bad-template"

    def __init__(self, text: str, template: str, line: int | None = None) -> None:
        super().__init__(f"{template} line {line}: {text}" if line else f"{template}: {text}")
        self.template = template
        self.line = line


class Conflict(ProvdError):
    """Somebody else was first: a stale revision, a change under way, or a unique key that is held."""

    reason_id = "conflict"


class StoreFull(ProvdError):
    """The disk takes nothing more; what was read before can still be read."""

    reason_id = "store.full"


class TooLarge(ProvdError):
    """More bytes than are taken."""

    reason_id = "too-large"


class Unreachable(ProvdError):
    """Another server does not answer, or not what it should."""

    reason_id = "unreachable"


class NotResynced(ProvdError):
    """A phone could not be told to fetch its files again; `reason_id` says which of the causes it was."""

    def __init__(self, reason_id: str, text: str) -> None:
        super().__init__(text)
        self.reason_id = reason_id


class NotAssociated(ProvdError):
    """A line cannot sit where it was asked to; `reason_id` says which of the causes it was."""

    def __init__(self, reason_id: str, text: str) -> None:
        super().__init__(text)
        self.reason_id = reason_id


class NotClaimed(ProvdError):
    """A code was not taken, or a phone not given back; `reason_id` says which of the causes it was."""

    def __init__(self, reason_id: str, text: str) -> None:
        super().__init__(text)
        self.reason_id = reason_id


class TooManyTries(NotClaimed):
    """Too many wrong codes or PINs came from one phone or address; `retry_s` is when to try again."""

    def __init__(self, text: str, retry_s: int) -> None:
        super().__init__("claim.locked", text)
        self.retry_s = retry_s


class Closed(ProvdError):
    reason_id = "store.closed"


class Damaged(ProvdError):
    """What was acknowledged once cannot be read; the text names file, line and what to do."""

    reason_id = "store.damaged"


class Locked(ProvdError):
    """Secrets are sealed with a key that is not given."""

    reason_id = "store.locked"


class Held(ProvdError):
    """A port or a state directory belongs to another process; the text says to which."""

    reason_id = "start.held"


class Lost(ProvdError):
    """The commits asked for are no longer kept."""

    reason_id = "store.lost"

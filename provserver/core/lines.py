"""Lines: what each must be, whoever writes it."""

import re
from functools import lru_cache

import msgspec

from provserver.core.reading import found
from provserver.errors import Invalid
from provserver.interfaces import IStore
from provserver.model import Json, Line, Tenant
from provserver.raw_config import problems_of
from provserver.raw_config.reading import problems_of_account

_CODE = re.compile(r"[0-9]{6}")
_MOST_SEATS = 50


def check_line(line: Line, before: Line | None, store: IStore) -> None:
    """
    Look at what is new of a line.

    Raises:
        Invalid: the field is named as clients know it: `account.proxy_port`, `options.funckeys.1.type`.
    """
    if found(store, Tenant, line.tenant) is None:
        raise Invalid(f"there is no tenant {line.tenant[:60]!r}", "tenant_uuid")
    if line.code is not None and not _CODE.fullmatch(line.code):
        raise Invalid("expected six digits", "code")
    if len(line.seats) > _MOST_SEATS:
        raise Invalid(f"a line sits on at most {_MOST_SEATS} devices", "devices")
    if before is None or before.account != line.account:
        check_account(line.account)
    if before is None or before.options != line.options:
        check_options(line.options)


def check_template(line: Line, before: Line | None, store: IStore) -> None:
    """See that a new line, or one whose template is changed, names one of its tenant's. Raises: Invalid."""
    if line.template is None or (before and before.template == line.template):
        return
    tenant = found(store, Tenant, line.tenant)
    if tenant is None or line.template not in tenant.templates:
        raise Invalid(f"tenant {line.tenant[:60]} has no template {line.template[:60]!r}", "template")


def check_account(account: Json) -> None:
    values = msgspec.json.decode(account)
    if not values.get("username"):
        raise Invalid("missing: expected the SIP user's name", "account.username")
    for problem in problems_of_account(values):
        raise problem


@lru_cache(maxsize=256)  # thousands of lines have few different ones; what is wrong is not kept
def check_options(options: Json) -> None:
    values = msgspec.json.decode(options)
    if "sip_lines" in values:
        raise Invalid("a line's account is not among its options", "options.sip_lines")
    for problem in problems_of(values):
        raise Invalid(problem.text, f"options.{problem.field}")

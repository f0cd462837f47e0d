"""What a Snom registers with."""

import re
from collections.abc import Mapping

from provserver.phone.values import Credentials


def credentials(settings: Mapping[str, str], number: int) -> Credentials:
    """A base has its servers in a list, of which each handset names one."""

    def own(name: str, at: object = number) -> str:
        return settings.get(f"{name}[{at}]", "")

    server = own("subscr_sip_ua_data_server_id") or number
    return Credentials(
        own("user_pname") or own("user_name"),
        own("user_pass"),
        registrar=own("user_host", server),
        outbound=re.sub(r"^sip:|;.*", "", own("user_outbound", server)),
        expires=own("user_expiry", server),
    )

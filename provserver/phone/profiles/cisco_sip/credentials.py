"""What an 8941 or 8945 registers with."""

from collections.abc import Mapping

from provserver.phone.profiles.cisco_files import kept_device, text_of
from provserver.phone.profiles.cisco_sip.screen import buttons
from provserver.phone.values import Credentials


def credentials(settings: Mapping[str, str], number: int) -> Credentials:
    device = kept_device(settings)
    line = dict(buttons(device))[number]
    host = text_of(device, "sipProfile/sipProxies/outboundProxy")
    port = text_of(device, "sipProfile/sipProxies/outboundProxyPort") or "5060"
    return Credentials(
        text_of(line, "authName") or text_of(line, "name"),
        text_of(line, "authPassword"),
        outbound=f"{host}:{port}" if host and host != "USECALLMANAGER" else "",
        expires=text_of(device, "sipProfile/sipStack/timerRegisterExpires"),
    )

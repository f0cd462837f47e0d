"""What a Yealink registers with."""

from collections.abc import Mapping

from provserver.phone.values import Credentials


def credentials(settings: Mapping[str, str], number: int) -> Credentials:
    template = settings.get(f"account.{number}.sip_server.template", "")  # of a base: what accounts share

    def value(name: str, default: str = "") -> str:
        shared = settings.get(f"template.{template}.{name}", default)
        return settings.get(f"account.{number}.{name}", shared)

    host = value("outbound_proxy.1.address") or value("outbound_host")  # the latter before line 81
    port = value("outbound_proxy.1.port") or value("outbound_port") or "5060"
    return Credentials(
        value("auth_name") or value("user_name"),
        value("password"),
        outbound=f"{host}:{port}" if host and value("outbound_proxy_enable") == "1" else "",
        expires=value("sip_server.1.expires"),
    )

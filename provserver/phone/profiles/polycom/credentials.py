"""What a Polycom registers with."""

from collections.abc import Mapping

from provserver.phone.values import Credentials


def credentials(settings: Mapping[str, str], number: int) -> Credentials:
    def own(name: str) -> str:
        return settings.get(f"reg.{number}.{name}", "")

    host, port = own("outboundProxy.address"), own("outboundProxy.port")
    return Credentials(
        own("auth.userId") or own("address"),
        own("auth.password"),
        outbound=f"{host}:{port}" if host and port not in ("", "0") else host,
        expires=own("server.1.expires"),
    )

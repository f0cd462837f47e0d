"""The base URL: where a phone is told to fetch its files (design section 5)."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from provserver.address import url_host
from provserver.model import Sighting


def base_url(
    sighting: Sighting, advertised: str | None, http_port: int, key: str | None, scheme: str = "http"
) -> str:
    """
    Return the URL, without a trailing slash: the setting `phones.url`, else the address that the phone itself
    asked, never the Host header. Who did not ask by HTTP is sent to that address at our HTTP port (or HTTPS).
    """
    if advertised:
        base = advertised.rstrip("/")
    elif sighting.protocol == "http":
        base = sighting.base.rstrip("/")
    else:
        base = f"{scheme}://{url_host(urlsplit(sighting.base).hostname or '127.0.0.1')}:{http_port}"
    return f"{base}/{key}" if key else base


def base_raw_config(setting: Mapping[str, object], url: str, tftp_port: int) -> dict[str, object]:
    """Return the raw config that lies under every chain: the setting `[raw_config]`, then what follows from the
    base URL."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    own = {"http_base_url": url, "ip": parts.hostname or "", "http_port": port, "tftp_port": tftp_port}
    return {**own, **setting, "http_base_url": url}

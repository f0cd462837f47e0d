"""What a phone fetches files with: by the scheme of the URL."""

from typing import Any
from urllib.parse import urlsplit

from provserver.phone.boot import Fetcher
from provserver.phone.http_client import HttpClient
from provserver.phone.login import Login
from provserver.phone.tftp_client import TftpClient
from provserver.phone.values import Fetch, Fetched


def fetcher(reactor: Any, source: str, login: Login | None = None) -> Fetcher:
    """`source` is an address of this machine to ask from, or empty."""
    clients: dict[str, Fetcher] = {
        "http": HttpClient(reactor, source, login).fetch,
        "tftp": TftpClient(reactor, source).fetch,
    }

    async def fetch(wanted: Fetch) -> Fetched:
        return await clients[urlsplit(wanted.url).scheme](wanted)

    return fetch

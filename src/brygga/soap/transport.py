"""SOAP messages over HTTP: one POST, one reply or one CallFailed, whatever goes wrong underneath."""

from __future__ import annotations

import logging
import random
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from typing import BinaryIO
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies_environment, proxy_bypass

import urllib3
from urllib3 import exceptions as http_errors

from brygga import __version__
from brygga.soap.failures import CallFailed, Reason
from brygga.soap.replies import check_status, receive
from brygga.soap.timed_http import Limits, use_timed_connections, within

_log = logging.getLogger(__name__)
HEADERS = {
    "Content-Type": "text/xml; charset=utf-8",
    "Accept-Encoding": "gzip",
    "User-Agent": f"Brygga/{__version__}",
}
_NO_RETRIES = urllib3.Retry.from_int(False, redirect=False)


@dataclass(frozen=True)
class ClientSettings:
    """How patient a client is. Times are in seconds, sizes in bytes.

    `read_timeout` is the wait for each piece of an answer, `total_timeout` the limit of a call as a whole, its
    repetitions and the pauses between them included. `largest_answer` counts unpacked bytes. `attempts` is how often
    a call that may be repeated is tried. `ca_file` holds the certificates to trust instead of the system's.
    `connections` is how many calls of one connector run at a time; more wait. `proxy` is used instead of the one that
    HTTP_PROXY, HTTPS_PROXY and NO_PROXY name, also for this computer's own addresses; "" means none.
    `sleep` and `random` (0 to 1) make the pauses.
    """

    connect_timeout: float = 10.0
    read_timeout: float = 300.0
    total_timeout: float = 1800.0
    largest_answer: int = 1 << 30
    attempts: int = 3
    ca_file: str | None = None
    connections: int = 8
    proxy: str | None = None
    sleep: Callable[[float], None] = time.sleep
    random: Callable[[], float] = random.random


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: `status` is 200 or 500, `body` holds XML. Whoever has the reply closes the body."""

    status: int
    body: BinaryIO


class Transport:
    """Posts messages to one address. Thread-safe; connections are kept open between calls."""

    def __init__(self, url: str, settings: ClientSettings) -> None:
        """Raises ValueError, in words for users, when address, proxy or CA file can't be used."""
        parts = _checked(url)
        address = urllib3.util.parse_url(url)._replace(fragment=None)
        self._url = address.url
        self._settings = settings
        self._proxy = _checked_proxy(_proxy_for(parts) if settings.proxy is None else settings.proxy)
        needs_tls = parts.scheme == "https" or self._proxy.lower().startswith("https:")
        self._tls = _tls_context(settings.ca_file) if needs_tls else None
        forwarded = bool(self._proxy) and parts.scheme == "http"
        self._target = self._url if forwarded else address.request_uri
        self._kept = self._pool(settings.connections)
        self.place = f"{parts.scheme}://{parts.netloc}{parts.path}"
        """The address without its query, for the log."""

    def post(self, message: bytes, action: str, deadline: float, *, fresh: bool = False) -> Reply:
        """Send one message and receive the whole reply before the deadline (`time.monotonic`). Raises CallFailed.

        `fresh` makes a connection for this message alone. One that was kept open may be closed by the server just
        as the message leaves, and then nobody can tell whether the message was read.
        """
        with _foreign_errors_named(), within(Limits(self._settings.read_timeout, deadline)):
            if not fresh:
                return self._exchange(self._kept, message, action, deadline)
            with self._pool(1) as pool:
                return self._exchange(pool, message, action, deadline)

    def close(self) -> None:
        """Close the connections that are kept open; a later message opens new ones.

        Those in use, and threads that wait for one, keep the old pool until they are done, and it ends with them.
        """
        self._kept = self._pool(self._settings.connections)

    def _exchange(self, pool: urllib3.HTTPConnectionPool, message: bytes, action: str, deadline: float) -> Reply:
        settings = self._settings
        left = max(0.001, deadline - time.monotonic())
        response = pool.urlopen(
            "POST",
            self._target,
            body=message,
            headers={**HEADERS, "SOAPAction": f'"{action}"'},
            redirect=False,
            retries=_NO_RETRIES,
            assert_same_host=False,
            timeout=urllib3.Timeout(connect=min(left, settings.connect_timeout), read=min(left, settings.read_timeout)),
            pool_timeout=left,  # type: ignore[arg-type] # declared as whole seconds, but fractions are taken too
            preload_content=False,
        )
        try:
            check_status(response, self._url)
            return Reply(response.status, receive(response, settings.largest_answer))
        finally:
            # A body read to its end has given its connection back already. What is left unread makes one useless:
            # it is closed, and its place in the pool is given back.
            response.close()
            response.release_conn()

    def _pool(self, size: int) -> urllib3.HTTPConnectionPool:
        if self._proxy:
            manager: urllib3.PoolManager = urllib3.ProxyManager(
                self._proxy,
                proxy_headers=_proxy_headers(self._proxy),
                proxy_ssl_context=self._tls,
                maxsize=size,
                block=True,
                ssl_context=self._tls,
            )
        else:
            manager = urllib3.PoolManager(maxsize=size, block=True, ssl_context=self._tls)
        use_timed_connections(manager)
        return manager.connection_from_url(self._url)


@contextmanager
def _foreign_errors_named() -> Iterator[None]:
    """Turn what urllib3 raises into CallFailed. Connecting has its own (see `timed_http`): here a request was sent."""
    try:
        yield
    except http_errors.EmptyPoolError as error:
        raise _failed(Reason.CONNECT_TIMEOUT, error, unknown_outcome=False) from error
    except (TimeoutError, http_errors.TimeoutError) as error:
        raise _failed(Reason.READ_TIMEOUT, error) from error
    except http_errors.DecodeError as error:
        raise _failed(Reason.NOT_SOAP, error) from error
    except (http_errors.HTTPError, OSError) as error:
        timed_out = isinstance(_cause(error), TimeoutError)
        refused = isinstance(_cause(error), ssl.SSLError) and "ALERT" in str(error)
        if refused:
            raise _failed(Reason.UNTRUSTED, error, may_repeat=False) from error
        raise _failed(Reason.READ_TIMEOUT if timed_out else Reason.BROKEN_OFF, error) from error


def _cause(error: BaseException) -> object:
    """What urllib3 wrapped: the last of its arguments."""
    return error.args[-1] if error.args else error


def _failed(reason: Reason, error: Exception, *, may_repeat: bool = True, unknown_outcome: bool = True) -> CallFailed:
    return CallFailed(reason, str(error), may_repeat=may_repeat, unknown_outcome=unknown_outcome)


def _checked(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, urllib3.util.parse_url(url)
    except ValueError:
        raise ValueError("The connector's address is malformed. Write http(s)://HOST/PATH.") from None
    if parts.scheme not in ("http", "https") or not host or any(ord(sign) <= 32 or ord(sign) == 127 for sign in url):
        raise ValueError("The connector's address must look like http(s)://HOST/PATH, without blanks.")
    if parts.username is not None or parts.password is not None:
        raise ValueError("The connector's address must not hold a user name or password.")
    return parts


def _tls_context(ca_file: str | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise ValueError(f"The file of trusted certificates {ca_file} can't be used ({error}).") from error


def _proxy_for(parts: SplitResult) -> str:
    """The proxy that the environment names for this address, "" if none."""
    host = parts.hostname or ""
    if _is_loopback(host) or proxy_bypass(parts.netloc):
        return ""
    proxies = getproxies_environment()
    return proxies.get(parts.scheme) or proxies.get("all", "")


def _checked_proxy(proxy: str) -> str:
    if proxy and "://" not in proxy:
        proxy = f"http://{proxy}"
    try:
        usable = not proxy or urllib3.util.parse_url(proxy).scheme in ("http", "https")
    except ValueError:
        usable = False
    if not usable:
        raise ValueError(
            "The proxy for outgoing calls must look like http(s)://HOST:PORT. Check HTTP_PROXY, HTTPS_PROXY."
        )
    return proxy


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _proxy_headers(proxy: str) -> dict[str, str]:
    parts = urlsplit(proxy)
    if parts.username is None:
        return {}
    credentials = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return dict(urllib3.make_headers(proxy_basic_auth=credentials))

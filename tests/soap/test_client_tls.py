"""Certificates, handshakes and proxies."""

from __future__ import annotations

import socket
import ssl
import threading
from pathlib import Path

import pytest
from tests.soap import fault_server as fault
from tests.soap.certificates import Authority
from tests.soap.client_kit import (
    CREATED,
    GUID,
    TESTED,
    Pauses,
    client,
    create,
    failure_of,
)
from tests.soap.fault_server import FaultServer, answer

from brygga.contract import ActorType, ErpActor
from brygga.soap.client import SoapConnector
from brygga.soap.failures import Reason


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


# TLS


def test_a_certificate_of_the_configured_authority_is_trusted(tmp_path: Path, pauses: Pauses) -> None:
    authority = Authority(tmp_path)
    with FaultServer([answer(TESTED)], authority.server_context("127.0.0.1")) as server:
        settings = pauses.settings(ca_file=str(authority.file))
        with client(server.url, settings) as connector:
            for _ in range(5):
                assert connector.test_connection(GUID).ok
        assert (server.connections, len(server.requests)) == (1, 5)


@pytest.mark.parametrize("case", ["unknown authority", "other host", "expired"])
def test_a_certificate_that_is_not_right_is_untrusted_and_nothing_is_sent(
    case: str, tmp_path: Path, pauses: Pauses
) -> None:
    authority = Authority(tmp_path)
    name = "erp.example" if case == "other host" else "127.0.0.1"
    context = authority.server_context(name, expired=case == "expired")
    settings = pauses.settings(ca_file=None if case == "unknown authority" else str(authority.file))
    with FaultServer([answer(TESTED)], context) as server, client(server.url, settings) as connector:
        failure = failure_of(lambda: connector.test_connection(GUID))
        assert (failure.reason, failure.may_repeat, failure.unknown_outcome) == (Reason.UNTRUSTED, False, False)
        assert (server.connections, server.requests, pauses.taken) == (1, [], [])


def test_a_server_that_demands_a_certificate_of_ours_is_untrusted(tmp_path: Path, pauses: Pauses) -> None:
    authority = Authority(tmp_path)
    context = authority.server_context("127.0.0.1")
    context.verify_mode = ssl.CERT_REQUIRED
    settings = pauses.settings(ca_file=str(authority.file))
    with FaultServer([answer(TESTED)], context) as server, client(server.url, settings) as connector:
        failure = failure_of(lambda: connector.test_connection(GUID))
        assert (failure.reason, failure.may_repeat, server.requests) == (Reason.UNTRUSTED, False, [])


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", Reason.UNTRUSTED),
        (b"", Reason.UNREACHABLE),
        (None, Reason.CONNECT_TIMEOUT),
    ],
    ids=["a server without TLS", "hung up", "silence"],
)
def test_without_a_handshake_there_is_no_connection(reply: bytes | None, reason: Reason, pauses: Pauses) -> None:
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            sock, _ = listener.accept()
            with sock:
                sock.recv(4096)
                if reply is None:
                    done.wait(10)
                else:
                    sock.sendall(reply)

        thread = threading.Thread(target=serve)
        thread.start()
        settings = pauses.settings(connect_timeout=0.3)
        with client(f"https://127.0.0.1:{listener.getsockname()[1]}/x.svc", settings) as connector:
            failure = failure_of(lambda: create(connector))
        done.set()
        thread.join()
    may_repeat = reason is not Reason.UNTRUSTED
    assert (failure.reason, failure.may_repeat, failure.unknown_outcome) == (reason, may_repeat, False)


# Proxies


def test_the_environment_s_proxy_is_used(pauses: Pauses, monkeypatch: pytest.MonkeyPatch) -> None:
    with FaultServer([answer(TESTED)]) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://anna:hunter%402@127.0.0.1:{proxy.port}")
        with client("http://erp.example/x.svc?ConnectorName=A", pauses.settings()) as connector:
            assert connector.test_connection(GUID).ok
            assert connector.test_connection(GUID).ok
        assert proxy.connections == 1
        request = proxy.requests[0]
        assert request.line == "POST http://erp.example/x.svc?ConnectorName=A HTTP/1.1"
        assert request.headers["host"] == "erp.example"
        assert request.headers["proxy-authorization"] == "Basic YW5uYTpodW50ZXJAMg=="


def test_tls_goes_through_the_proxy_in_a_tunnel(
    tmp_path: Path, pauses: Pauses, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority(tmp_path)
    script = [answer(TESTED), answer(TESTED), answer(CREATED)]
    inner = FaultServer(script, authority.server_context("erp.example"))
    with inner as server, FaultServer([fault.tunnel(server.port)]) as proxy:
        monkeypatch.setenv("https_proxy", f"127.0.0.1:{proxy.port}")
        settings = pauses.settings(ca_file=str(authority.file))
        with client("https://erp.example/x.svc", settings) as connector:
            assert connector.test_connection(GUID).ok
            assert connector.test_connection(GUID).ok
            assert connector.create_actor(GUID, ErpActor(ActorType.CUSTOMER, "")).ok
        assert [request.line.split()[:2] for request in proxy.requests] == [["CONNECT", "erp.example:443"]] * 2
        assert len(server.requests) == 3


@pytest.mark.parametrize("status", ["403 Forbidden", "407 Proxy Authentication Required", "502 Bad Gateway"])
def test_a_proxy_that_does_not_get_through_is_unreachable(
    status: str, pauses: Pauses, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FaultServer([answer(b"", status)]) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        with client("https://erp.example/x.svc", pauses.settings()) as connector:
            failure = failure_of(lambda: create(connector))
    assert (failure.reason, failure.may_repeat, failure.unknown_outcome) == (Reason.UNREACHABLE, True, False)
    assert status.split()[0] in failure.technical


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_this_computer_s_own_addresses_are_called_without_a_proxy_unless_told(
    host: str, pauses: Pauses, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FaultServer([answer(TESTED)]) as server, FaultServer([answer(TESTED)]) as proxy:
        proxy_url = f"http://127.0.0.1:{proxy.port}"
        monkeypatch.setenv("HTTP_PROXY", proxy_url)
        url = server.url.replace("127.0.0.1", host)
        with client(url, pauses.settings()) as connector:
            assert connector.test_connection(GUID).ok
        assert (len(server.requests), len(proxy.requests)) == (1, 0)
        with client(url, pauses.settings(proxy=proxy_url)) as connector:
            assert connector.test_connection(GUID).ok
        assert (len(server.requests), len(proxy.requests)) == (1, 1)


def test_hosts_of_no_proxy_are_called_directly(pauses: Pauses, monkeypatch: pytest.MonkeyPatch) -> None:
    with FaultServer([answer(TESTED)]) as server, FaultServer([answer(TESTED)]) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("NO_PROXY", "example.org, .erp.example")
        resolve = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest: resolve("127.0.0.1", *rest))
        with client(f"http://my.erp.example:{server.port}/x.svc", pauses.settings()) as connector:
            assert connector.test_connection(GUID).ok
        assert (len(server.requests), len(proxy.requests)) == (1, 0)


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1080", "http://[::1"])
def test_a_proxy_that_cannot_be_used_is_refused_at_once(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", proxy)
    with pytest.raises(ValueError, match="HTTP_PROXY"):
        SoapConnector("http://erp.example/x.svc")

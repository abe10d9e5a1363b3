"""The file of applications: what it says, that its example in the manual works, and all that can be wrong with it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.soap.handshake_kit import certificate, pem, private_key, public_pem, rsa_xml

from brygga.soap.applications import Applications, ApplicationsError, load

MANUAL = Path(__file__).parents[2] / "docs" / "app-addresses.md"

WHOLE = """
client:
  caller: {private_key: keys/caller.pem, issuer: Brygga}
  applications:
    5f0c2a: {url: "https://erp.example.com/a.svc", public_key: connector.xml, namespace: "urn:x", context: Cust1}
host:
  application_id: "12"
  private_key: connector-private.xml
  caller_certificates: [caller.crt, old.pem]
  require: false
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the file is to stand, with keys beside it."""
    caller, connector = private_key("caller"), private_key("connector")
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "caller.pem").write_bytes(pem(caller))
    (tmp_path / "caller.crt").write_bytes(certificate(caller))
    (tmp_path / "old.pem").write_bytes(public_pem(private_key("old")))
    (tmp_path / "connector.xml").write_bytes(rsa_xml(connector, private=False))
    (tmp_path / "connector-private.xml").write_bytes(rsa_xml(connector))
    return tmp_path


def loaded(folder: Path, text: str) -> Applications:
    (folder / "applications.yaml").write_text(text, encoding="utf-8")
    return load(folder / "applications.yaml")


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(ApplicationsError) as caught:
        loaded(folder, text)
    assert str(folder / "applications.yaml") in str(caught.value)
    return list(caught.value.problems)


def test_a_whole_file_is_read(folder: Path) -> None:
    applications = loaded(folder, WHOLE)
    found = applications.find("5F0C2A")
    assert (found.id, found.url, found.context) == ("5f0c2a", "https://erp.example.com/a.svc", "Cust1")
    assert found.namespace == found.data_namespace == "urn:x"
    assert found.caller.issuer == "Brygga"
    assert found.caller.private_key.private_numbers() == private_key("caller").private_numbers()
    assert found.public_key.public_numbers() == private_key("connector").public_key().public_numbers()
    host = applications.host
    assert host
    assert (host.id, host.issuer, host.require) == ("12", "SuperOffice AS", False)
    assert [certificate.name for certificate in host.caller_certificates] == ["caller.crt", "old.pem"]


def test_an_application_that_is_not_there_is_a_lookup_error(folder: Path) -> None:
    with pytest.raises(LookupError, match="no application 'other' is set up"):
        loaded(folder, WHOLE).find("other")


def test_either_half_may_be_left_out_and_a_handshake_is_then_required(folder: Path) -> None:
    client, host = WHOLE.split("host:")
    assert loaded(folder, client).host is None
    alone = loaded(
        folder, "host:" + host.replace("[caller.crt, old.pem]", "caller.crt").replace("  require: false", "")
    )
    assert alone.clients == ()
    assert alone.host
    assert alone.host.require
    assert len(alone.host.caller_certificates) == 1


def test_the_members_may_have_a_namespace_of_their_own(folder: Path) -> None:
    text = WHOLE.replace('namespace: "urn:x"', 'namespace: "urn:x", data_namespace: "urn:d"')
    assert loaded(folder, text).find("5f0c2a").data_namespace == "urn:d"


def test_keys_do_not_show_in_a_printed_file(folder: Path) -> None:
    shown = repr(loaded(folder, WHOLE))
    assert "5f0c2a" in shown
    assert "RSA" not in shown


def test_the_example_in_the_manual_works(folder: Path) -> None:
    example = re.search("```yaml\n(.*?)```", MANUAL.read_text(encoding="utf-8"), re.DOTALL)
    assert example
    for name in ("caller-private.pem", "connector-private.pem"):
        (folder / name).write_bytes(pem(private_key("caller")))
    for name in ("caller.crt", "connector-public.pem"):
        (folder / name).write_bytes(certificate(private_key("caller")))
    applications = loaded(folder, example[1])
    assert len(applications.clients) == 1
    assert applications.host


def test_all_that_is_wrong_is_told_at_once_with_its_key(folder: Path) -> None:
    wrong = """
client:
  caller: {private_key: caller.crt, colour: green}
  applications:
    one: {url: "ftp://x", public_key: keys/caller.pem, namespace: "", context: 7}
    ONE: {url: "https://h", public_key: missing.pem, data_namespace: ""}
    two: nothing
host:
  application_id: 12
  caller_certificates: [caller.crt, 3]
  require: perhaps
hosts: {}
"""
    assert sorted(problem.partition(": ")[0] for problem in problems(folder, wrong)) == [
        "client.applications.ONE",
        "client.applications.ONE.context",
        "client.applications.ONE.data_namespace",
        "client.applications.ONE.namespace",
        "client.applications.ONE.public_key",
        "client.applications.one",
        "client.applications.one.context",
        "client.applications.one.namespace",
        "client.applications.one.public_key",
        "client.applications.one.url",
        "client.applications.two",
        "client.applications.two.context",
        "client.applications.two.namespace",
        "client.applications.two.public_key",
        "client.applications.two.url",
        "client.caller.colour",
        "client.caller.private_key",
        "host.application_id",
        "host.caller_certificates",
        "host.private_key",
        "host.require",
        "hosts",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "the file says nothing"),
        ("{}", "the file says nothing"),
        ("[]", "file: expected keys"),
        ("7: {}", "file: expected keys"),
        ("client:", "client.applications: it is missing"),
        ("host: [", "this is not YAML in line 1"),
        ("host: {}\nhost: {}", "the key 'host' comes twice"),
        ("host: !!python/object:os.system {}", "this is not YAML in line 1"),
        ("host: 2026-99-99", "this is not YAML"),
        ("host: {caller_certificates: []}", "host.caller_certificates: expected the path"),
        ("client: {applications: {a: {url: 'http://[x'}}}", "client.applications.a.url: this is no address"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused(folder: Path, text: str, problem: str) -> None:
    assert any(problem in told for told in problems(folder, text))


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ApplicationsError, match=re.escape(str(tmp_path / "missing.yaml"))):
        load(tmp_path / "missing.yaml")
    (tmp_path / "latin1.yaml").write_bytes(b"host: \xe5")
    with pytest.raises(ApplicationsError, match="not YAML"):
        load(tmp_path / "latin1.yaml")

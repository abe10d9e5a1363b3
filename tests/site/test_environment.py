"""The environment variables: what they mean, and what is said when they are wrong."""

from __future__ import annotations

import base64
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from brygga.environment import Database, Environment, SettingsError, parse_database_url, read


@pytest.fixture
def variables(home: Path) -> dict[str, str]:
    return {"BRYGGA_HOME": str(home)}


def test_nothing_set_runs_on_sqlite_in_the_data_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    environment = read({})
    assert environment.home == tmp_path / "brygga-data"
    assert environment.database == Database("sqlite", str(tmp_path / "brygga-data" / "brygga.sqlite3"))
    assert environment.allowed_hosts == ("localhost", "127.0.0.1", "[::1]")
    assert environment.broker_url is None
    assert environment.debug is False
    assert environment.applications is None


def test_secrets_are_made_once_and_only_the_owner_can_read_them(variables: dict[str, str], home: Path) -> None:
    first = read(variables)
    assert stat.S_IMODE((home / "secrets.env").stat().st_mode) == 0o600
    assert read(variables) == first
    message = Fernet(first.encryption_keys[0]).encrypt(b"hemligt")
    assert Fernet(read(variables).encryption_keys[0]).decrypt(message) == b"hemligt"
    assert [path.name for path in home.iterdir()] == ["secrets.env"]


def test_processes_that_start_together_agree_on_the_secrets(variables: dict[str, str]) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = {environment.secret_key for environment in pool.map(read, [variables] * 32)}
    assert len(keys) == 1


def test_secrets_that_are_set_are_not_stored(variables: dict[str, str], home: Path) -> None:
    keys = [Fernet.generate_key().decode() for _ in range(2)]
    environment = read(variables | {"BRYGGA_SECRET_KEY": "k" * 40, "BRYGGA_ENCRYPTION_KEYS": " , ".join(keys)})
    assert environment.secret_key == "k" * 40
    assert environment.encryption_keys == tuple(keys)
    assert not list(home.iterdir())


def test_a_secret_that_is_set_wins_over_the_stored_one(variables: dict[str, str]) -> None:
    stored = read(variables)
    mixed = read(variables | {"BRYGGA_SECRET_KEY": "k" * 40})
    assert mixed.secret_key == "k" * 40
    assert mixed.encryption_keys == stored.encryption_keys


def test_a_stored_file_without_keys_is_refused_rather_than_replaced(variables: dict[str, str], home: Path) -> None:
    (home / "secrets.env").write_text("BRYGGA_SECRET_KEY=" + "k" * 40, encoding="utf-8")
    assert problems(variables) == ["BRYGGA_ENCRYPTION_KEYS"]


def test_secrets_do_not_show_in_a_printed_environment(variables: dict[str, str]) -> None:
    environment = read(variables | {"DATABASE_URL": "postgresql://anna:losenord@db/brygga"})
    shown = repr(environment)
    assert "losenord" not in shown
    assert environment.secret_key not in shown
    assert environment.encryption_keys[0] not in shown


def test_every_wrong_variable_is_named_with_what_to_do(variables: dict[str, str]) -> None:
    wrong = variables | {
        "DATABASE_URL": "oracle://db/brygga",
        "BRYGGA_SECRET_KEY": "short",
        "BRYGGA_ENCRYPTION_KEYS": base64.urlsafe_b64encode(os.urandom(16)).decode(),
        "BRYGGA_ALLOWED_HOSTS": "http://crm.example.com",
        "BRYGGA_BROKER_URL": "localhost:6379",
        "BRYGGA_DEBUG": "perhaps",
        "BRYGGA_TRUSTED_PROXY": "proxy.example.com",
        "BRYGGA_APPLICATIONS": "nowhere/applications.yaml",
    }
    assert sorted(problems(wrong)) == sorted(wrong.keys() - {"BRYGGA_HOME"})


def test_a_data_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert problems({"BRYGGA_HOME": str(tmp_path / "file" / "home")}) == ["BRYGGA_HOME"]


@pytest.mark.parametrize("host", ["crm.example.com:8000", "a b", "https://crm", "crm/path"])
def test_a_host_is_a_name_alone(variables: dict[str, str], host: str) -> None:
    assert problems(variables | {"BRYGGA_ALLOWED_HOSTS": host}) == ["BRYGGA_ALLOWED_HOSTS"]


@pytest.mark.parametrize("address", ["", "*", "127.0.0.1", "fd00::7"])
def test_a_proxy_is_trusted_by_its_address(variables: dict[str, str], address: str) -> None:
    assert read(variables | {"BRYGGA_TRUSTED_PROXY": address}).trusted_proxy == address


def test_no_connector_is_offered_to_others_unless_named(variables: dict[str, str]) -> None:
    assert read(variables).host_connectors == ()
    assert read(variables | {"BRYGGA_HOST_CONNECTORS": " csv , my-erp.v2,"}).host_connectors == ("csv", "my-erp.v2")


@pytest.mark.parametrize("names", ["*", "csv workbook", "plugin://csv", "csv,csv", "-csv", "csv,../x"])
def test_connectors_to_offer_are_named_plainly_and_once(variables: dict[str, str], names: str) -> None:
    assert problems(variables | {"BRYGGA_HOST_CONNECTORS": names}) == ["BRYGGA_HOST_CONNECTORS"]


@pytest.mark.parametrize(("word", "meaning"), [("1", True), ("Yes", True), ("off", False), ("0", False), ("", False)])
def test_debug_is_a_plain_word(variables: dict[str, str], word: str, meaning: bool) -> None:
    assert read(variables | {"BRYGGA_DEBUG": word}).debug is meaning


def test_the_file_of_applications_is_made_absolute(
    variables: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "apps.yaml").touch()
    environment = read(variables | {"BRYGGA_APPLICATIONS": "apps.yaml"})
    assert environment.applications == tmp_path / "apps.yaml"


def test_a_postgresql_address_is_taken_apart() -> None:
    database = parse_database_url("postgres://an%40na:p%2Fw@db.example.com:5433/brygga?sslmode=require")
    assert database == Database("postgresql", "brygga", "an@na", "p/w", "db.example.com", 5433, {"sslmode": "require"})


def test_a_postgresql_socket_is_the_host_option() -> None:
    assert parse_database_url("postgresql:///brygga?host=/run/postgresql").host == "/run/postgresql"


def test_sqlite_paths_are_relative_with_three_slashes_and_absolute_with_four(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert parse_database_url("sqlite:///data/b.db").name == str(tmp_path / "data" / "b.db")
    assert parse_database_url("sqlite:////srv/b.db").name == "/srv/b.db"


@pytest.mark.parametrize(
    "url",
    [
        "mysql://db/brygga",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite://host/b.db",
        "postgresql://db",
        "postgresql://db/a/b",
        "postgresql://db:port/brygga",
        "postgresql://db/brygga?colour=green",
    ],
)
def test_an_address_that_cannot_be_meant_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"\. "):
        parse_database_url(url)


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=8))
def test_a_refusal_never_repeats_the_password(password: str) -> None:
    with pytest.raises(ValueError, match="address is malformed") as caught:
        parse_database_url(f"postgresql://anna:{quote(password, safe='')}@db:wrong/brygga")
    assert password not in str(caught.value)
    assert quote(password, safe="") not in str(caught.value)


def problems(variables: dict[str, str]) -> list[str]:
    """The names of the variables that are refused, each with a second sentence that says what to do."""
    with pytest.raises(SettingsError) as caught:
        read(variables)
    assert all(problem.count(". ") >= 1 for problem in caught.value.problems)
    return [problem.partition(":")[0] for problem in caught.value.problems]


def test_an_environment_cannot_be_changed(variables: dict[str, str]) -> None:
    environment: Environment = read(variables)
    with pytest.raises(AttributeError):
        environment.debug = True  # type: ignore[misc]

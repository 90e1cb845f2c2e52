import socket
from pathlib import Path

import pytest

from shared.runtime import discovery
from shared.runtime.host import checked, listening
from shared.runtime.settings import Settings, SettingsError, secret_names, settings_table

NEEDED = {"TANDEM_AMQP_URL": "amqp://host/", "TANDEM_MONGO_URL": "mongodb://host/"}


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"TANDEM_{name.upper()}", raising=False)
        monkeypatch.delenv(f"TANDEM_{name.upper()}_FILE", raising=False)
    for name, value in NEEDED.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TANDEM_DAYS", "sometimes"),
        ("TANDEM_BATCH", "0"),
        ("TANDEM_LANE", "16"),
        ("TANDEM_HTTP_PORT", "web"),
        ("TANDEM_ZONE", "Munich"),
        ("TANDEM_ZONE", "../etc/passwd"),
    ],
)
def test_a_wrong_value_is_named_in_one_line(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name) as caught:
        Settings.read()
    assert "\n" not in str(caught.value)


def test_who_seals_ids_does_not_start_without_a_folder_for_their_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match="TANDEM_PROGRAMME_KEYS"):
        checked(discovery.load("evaluation"), Settings.read())
    checked(discovery.load("matching"), Settings.read())
    monkeypatch.setenv("TANDEM_PROGRAMME_KEYS", "/keys")
    checked(discovery.load("evaluation"), Settings.read())


def test_a_port_that_is_taken_is_named_with_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("TANDEM_HTTP_PORT", str(taken.getsockname()[1]))
        with pytest.raises(SettingsError, match="Address already in use; choose another TANDEM_HTTP_PORT") as caught:
            listening(Settings.read())
    assert "\n" not in str(caught.value)


def test_everything_that_is_missing_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NEEDED:
        monkeypatch.delenv(name)
    with pytest.raises(SettingsError, match=r"TANDEM_AMQP_URL.*TANDEM_MONGO_URL"):
        Settings.read()


def test_the_address_for_links_is_an_address_or_off(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings.read().public_url == ""
    monkeypatch.setenv("TANDEM_PUBLIC_URL", "off")
    assert Settings.read().public_url == ""
    monkeypatch.setenv("TANDEM_PUBLIC_URL", "https://tandem.example.org/evaluation/")
    assert Settings.read().public_url == "https://tandem.example.org/evaluation"
    monkeypatch.setenv("TANDEM_PUBLIC_URL", "tandem.example.org")
    with pytest.raises(SettingsError, match="TANDEM_PUBLIC_URL"):
        Settings.read()


def test_no_password_shows_in_an_error_or_a_print(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANDEM_AMQP_URL", "amqp://matching:swordfish@host/")
    assert "swordfish" not in repr(Settings.read())
    monkeypatch.setenv("TANDEM_BATCH", "none")
    with pytest.raises(SettingsError) as caught:
        Settings.read()
    assert "swordfish" not in str(caught.value)


def test_the_key_comes_from_a_file_or_the_environment_and_is_long_enough(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match="TANDEM_KEY_FILE or TANDEM_KEY"):
        Settings.read().secret_key()
    monkeypatch.setenv("TANDEM_KEY", "too short")
    with pytest.raises(SettingsError, match="at least 16"):
        Settings.read().secret_key()
    monkeypatch.setenv("TANDEM_KEY_FILE", str(tmp_path / "key"))
    with pytest.raises(SettingsError, match="TANDEM_KEY_FILE cannot be read"):
        Settings.read()
    (tmp_path / "key").write_text("sixteen characters\n", encoding="utf-8")
    assert Settings.read().secret_key() == b"sixteen characters"


@pytest.mark.parametrize("name", secret_names())
def test_every_secret_may_be_a_file_and_the_file_counts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    (tmp_path / "secret").write_text("amqp://of-the-file/\n", encoding="utf-8")
    monkeypatch.setenv(f"TANDEM_{name.upper()}", "amqp://of-the-environment/")
    monkeypatch.setenv(f"TANDEM_{name.upper()}_FILE", str(tmp_path / "secret"))
    assert getattr(Settings.read(), name).get_secret_value() == "amqp://of-the-file/"


@pytest.mark.parametrize("what", ["missing", "a folder", "empty", "no text"])
def test_a_file_that_holds_no_secret_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, what: str) -> None:
    (tmp_path / "a folder").mkdir()
    (tmp_path / "empty").write_text("\n", encoding="utf-8")
    (tmp_path / "no text").write_bytes(b"\xff\xfe")
    monkeypatch.setenv("TANDEM_OPS_TOKEN_FILE", str(tmp_path / what))
    with pytest.raises(SettingsError, match="TANDEM_OPS_TOKEN_FILE cannot be read") as caught:
        Settings.read()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "address", "becomes"),
    [
        ("AMQP", "amqp://matching@rabbitmq:5672/", "amqp://matching:a%2Fb%20c@rabbitmq:5672/"),
        ("AMQP", "amqp://matching:own@rabbitmq:5672/", "amqp://matching:own@rabbitmq:5672/"),
        ("AMQP", "amqp://rabbitmq/", "amqp://rabbitmq/"),
        ("MONGO", "mongodb://matching@a:1,b:2/?authSource=x", "mongodb://matching:a%2Fb%20c@a:1,b:2/?authSource=x"),
    ],
)
def test_a_password_is_put_into_an_address_that_has_none(
    monkeypatch: pytest.MonkeyPatch, kind: str, address: str, becomes: str
) -> None:
    monkeypatch.setenv(f"TANDEM_{kind}_URL", address)
    monkeypatch.setenv(f"TANDEM_{kind}_PASSWORD", "a/b c")
    assert getattr(Settings.read(), f"{kind.lower()}_url").get_secret_value() == becomes


def test_a_replica_keeps_its_lane_as_long_as_it_keeps_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    lanes = set()
    for number in range(40):
        monkeypatch.setenv("TANDEM_REPLICA", f"matching-{number}")
        lane = Settings.read().lane_of("matching")
        assert lane == Settings.read().lane_of("matching")
        lanes.add(lane)
    assert lanes <= set(range(16))
    assert len(lanes) > 8
    monkeypatch.setenv("TANDEM_LANE", "3")
    assert Settings.read().lane_of("matching") == 3


def test_the_table_of_settings_names_each_with_its_meaning() -> None:
    rows = settings_table().splitlines()[2:]
    assert len(rows) == len(Settings.model_fields)
    assert all(row.count("|") == 4 and row.split("|")[3].strip() for row in rows)

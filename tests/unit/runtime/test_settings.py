from pathlib import Path

import pytest

from shared.runtime.settings import Settings, SettingsError, settings_table

NEEDED = {"TANDEM_AMQP_URL": "amqp://host/", "TANDEM_MONGO_URL": "mongodb://host/"}


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"TANDEM_{name.upper()}", raising=False)
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


def test_everything_that_is_missing_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NEEDED:
        monkeypatch.delenv(name)
    with pytest.raises(SettingsError, match=r"TANDEM_AMQP_URL.*TANDEM_MONGO_URL"):
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
        Settings.read().secret_key()
    (tmp_path / "key").write_text("sixteen characters\n", encoding="utf-8")
    assert Settings.read().secret_key() == b"sixteen characters"


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

from pathlib import Path

import pytest

import config

GOOD = {
    "RUNDAN_ENV": "production",
    "SECRET_KEY": "s" * 40,
    "TEXT_KEY": "t" * 40,
    "TRUSTED_HOSTS": "rundan.example",
    "BASE_URL": "https://rundan.example",
}


def test_production_starts_with_all_it_needs(tmp_path: Path) -> None:
    made = config.load({**GOOD, "RUNDAN_INSTANCE": str(tmp_path), "DATABASE_URL": "postgres://u@h/d"})
    assert made.is_production
    assert made.database_url == "postgresql+psycopg://u@h/d"


@pytest.mark.parametrize("missing", ["SECRET_KEY", "TEXT_KEY", "TRUSTED_HOSTS", "BASE_URL"])
def test_production_refuses_to_start_without(missing: str) -> None:
    with pytest.raises(config.SettingsMissing, match=missing):
        config.load({name: value for name, value in GOOD.items() if name != missing})


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(config.SettingsMissing, match="SECRET_KEY"):
        config.load({**GOOD, "SECRET_KEY": "short"})


def test_smtp_addresses() -> None:
    assert config.read_smtp(None) is None
    tls = config.read_smtp("smtps://me:pw@mail.example")
    assert tls == config.Smtp("mail.example", 465, "me", "pw", tls=True)
    with pytest.raises(config.SettingsMissing):
        config.read_smtp("http://mail.example")


def test_development_is_the_default_and_keeps_its_data_in_the_instance_folder(tmp_path: Path) -> None:
    made = config.load({"RUNDAN_INSTANCE": str(tmp_path)})
    assert not made.is_production
    assert made.database_url == f"sqlite:///{tmp_path / 'rundan.sqlite'}"

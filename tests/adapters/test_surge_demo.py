"""The surge demo's own instance: it is noon there, and nothing of the user's is touched or read."""

import os
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from callcenter.core.errors import PeerError
from callcenter.settings import Settings, load
from callcenter.surge_demo import as_toml, demo_config, noon_zone, only_configured_by

pytestmark = pytest.mark.adapters


@pytest.mark.parametrize("offset_h", [-11, 0, 8, 14])
def test_it_is_noon_at_every_hour_of_the_day(offset_h: int) -> None:
    """Call-backs have hours, the demo has none: whenever and wherever it runs, its house has noon."""
    zone = timezone(timedelta(hours=offset_h))
    for hour in range(24):
        at = datetime(2026, 3, 1, hour, 59, 59, tzinfo=zone)
        assert at.astimezone(ZoneInfo(noon_zone(at))).hour == 12


def test_its_configuration_is_whole_and_takes_what_is_dear_from_the_user(tmp_path: Path) -> None:
    """One seat, a carrier, four different ports; Asterisk, voice and city are not made a second time."""
    user = Settings(
        home=str(tmp_path / "theirs"), cache=str(tmp_path / "cache"), city="榆林", asterisk="/a b"
    )
    config = tmp_path / "callcenter.toml"
    config.write_text(
        as_toml(demo_config(user, tmp_path / "own", datetime(2026, 3, 1, 3, tzinfo=UTC))), "utf-8"
    )
    own = load({}, config).settings
    assert (own.city, own.cache_path, own.asterisk) == ("榆林", user.cache_path, "/a b")
    assert own.seats.all() == ["8001"]
    assert len({own.sip, own.http, own.trunk.outbound, user.sip, user.http}) == 5
    assert own.home_path == tmp_path / "own"


def test_its_processes_read_its_file_and_nothing_of_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The user's variables are hidden inside the block, and back after it, also when it fails."""
    monkeypatch.setenv("CALLCENTER_SIP", "127.0.0.1:5070")
    monkeypatch.setenv("CALLCENTER_CONFIG", "mine.toml")

    def inside() -> dict[str, str]:
        return {name: value for name, value in os.environ.items() if name.startswith("CALLCENTER_")}

    def fail() -> None:
        with only_configured_by(tmp_path / "own.toml"):
            assert inside() == {"CALLCENTER_CONFIG": str(tmp_path / "own.toml")}
            raise PeerError("not started", code="not_started")

    mine = inside()
    with pytest.raises(PeerError):
        fail()
    assert inside() == mine

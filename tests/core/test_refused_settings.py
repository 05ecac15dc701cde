"""Why a setting is refused: its name in words, the bad value, what is allowed; Chinese first, English beside."""

from pathlib import Path

import pytest
from pydantic import BaseModel

from callcenter.core.errors import UsageError
from callcenter.house.values import overlaid
from callcenter.setting_names import NAMES, name_of
from callcenter.settings import Settings, load

pytestmark = pytest.mark.core


def keys(model: type[BaseModel], begin: str = "") -> list[str]:
    """Every dotted key of the settings, sections too."""
    found = []
    for name, field in model.model_fields.items():
        found.append(begin + name)
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            found += keys(field.annotation, f"{begin}{name}.")
    return found


def test_every_setting_has_a_name_in_words() -> None:
    """None is missing, none is of a setting that is gone."""
    known = keys(Settings)
    assert [key for key in known if not name_of(key)] == []
    assert set(NAMES) <= set(known)


@pytest.mark.parametrize(
    ("key", "value", "zh", "en"),
    [
        ("surge.offer_ewt_s", 5, "开始提供回拨和留言”（surge.offer_ewt_s）不能是 5：须是", "cannot be 5"),
        (
            "callback.max_tries",
            "soon",
            "“回拨最多次数”（callback.max_tries）不能是 soon：须是",
            "valid integer",
        ),
        ("callback.from_hour", 22, "开始钟点 22 须早于结束钟点 21", "must be before"),
        ("surge.watch.enter", 9.0, "进入负荷须依次升高", "higher load"),
        (
            "menus.night",
            "late",
            "“夜间流程时段”（menus.night）不行：“late”须写成 时:分-时:分",
            "'late' is not HH:MM",
        ),
        ("calendar.holidays", ["tomorrow"], "“tomorrow”不是日期：写成 2027-02-05", "is no day"),
        (
            "menus.holidays",
            ["2026-13-01"],
            "“节假日流程日期”（menus.holidays）不能是 2026-13-01",
            "valid date",
        ),
        ("rest.occupancy_limit", "", "（rest.occupancy_limit）不能是 空", "valid number"),
    ],
)
def test_a_refusal_on_the_page_is_one_line_in_two_languages(
    key: str, value: object, zh: str, en: str
) -> None:
    """Before the slash nothing but Chinese words and the key; behind it English."""
    with pytest.raises(UsageError) as caught:
        overlaid(Settings(), {key: value})  # type: ignore[dict-item]
    told_zh, slash, told_en = str(caught.value).partition(" / ")
    assert (zh in told_zh, slash, en in told_en) == (True, " / ", True), str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[seats]\ncount = 0\n", "“现场坐席数”（seats.count，callcenter.toml）不能是 0：须是 1 至 99 的整数"),
        (
            "[seats]\nchairs = 3\n",
            "没有设置项“seats.chairs”（callcenter.toml），此处可用：cloud_count, count",
        ),
        ("database_url = 5\n", "“数据库地址”（database_url，callcenter.toml）不能是 5：须是文字"),
        ('[cloud]\nmode = "never"\n', "不能是 never：须是 automatic、proposed 之一"),
        ('rtp = "20000"\n', "“RTP 端口范围”（rtp，callcenter.toml）不行：“20000”须写成 起-止"),
    ],
)
def test_config_check_tells_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, told: str
) -> None:
    """With the file in which it stands."""
    monkeypatch.chdir(tmp_path)
    Path("callcenter.toml").write_text(text, "utf-8")
    with pytest.raises(UsageError) as caught:
        load({})
    assert told in str(caught.value)


def test_a_password_in_an_address_is_not_told() -> None:
    """Neither of a value that is refused."""
    for key, value in (
        ("menus.holidays", "redis://me:secret@host"),
        ("calendar.holidays", "//me:secret@host"),
    ):
        with pytest.raises(UsageError) as caught:
            overlaid(Settings(), {key: [value]})
        assert "secret" not in str(caught.value)

"""Written notices as they are read aloud: what a shift manager types is heard as he would say it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.core.aloud import aloud

pytestmark = pytest.mark.core


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("东风路今日停水。", "东风路今日停水。"),
        ("8:00-18:00停水", "上午八点到下午六点停水"),
        ("11月22日20：30恢复", "十一月二十二日晚上八点半恢复"),
        ("11月22日—24日", "十一月二十二日到二十四日"),
        ("22日8:00~23日6:05", "二十二日上午八点到二十三日上午六点零五分"),
        ("2026-11-22起", "二零二六年十一月二十二日起"),
        ("2011年1月2日", "二零一一年一月二日"),
        ("24:00前", "二十四点前"),
        ("2点到2点15分", "两点到两点十五分"),
        ("约2小时", "约两小时"),
        ("2号线和2路公交", "二号线和二路公交"),
        ("涉及1200户", "涉及一千二百户"),
        ("3.5公里", "三点五公里"),
        ("降至-5℃", "降至零下五摄氏度"),
        ("5~8℃", "五到八摄氏度"),
        ("恢复50%", "恢复百分之五十"),
        ("请拨110或12345", "请拨幺幺零或一二三四五"),
        ("详询029-86312110", "详询零二九八六三幺二幺幺零"),
        ("供电热线95598", "供电热线九五五九八"),
        ("按1", "按一"),
        ("《关于“停水”的通知》", "关于“停水”的通知"),
    ],
)
def test_figures_are_read_as_people_read_them(written: str, read: str) -> None:
    """Times, dates, counts, percentages, temperatures; telephone numbers digit by digit."""
    assert aloud(written) == read


def test_a_figure_without_end_is_refused() -> None:
    """Nobody listens to it."""
    with pytest.raises(ValueError, match="digits"):
        aloud("1" * 40)


@given(st.text(alphabet="0123456789.:-~%/年月日点号元户，停水℃ ", max_size=30))
def test_no_digit_is_left(written: str) -> None:
    """Whatever is typed: read in words, or refused."""
    try:
        read = aloud(written)
    except ValueError:
        return
    assert not any(character.isdigit() for character in read)

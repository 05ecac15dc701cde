"""The word list file: a city edits it, so its mistakes are named."""

from pathlib import Path

import pytest

from callcenter.core.errors import UsageError
from callcenter.tickets import catalog

pytestmark = pytest.mark.adapters

GOOD = '[nature.help]\nzh="求助"\nstrong=["坏了"]\nweak=[]\n[topic.heating]\nzh="供暖"\nstrong=["暖气"]\nweak=[]\n'
GOOD += '[place]\nends=["路"]\nparts=["号"]\nnever="在"\nhidden=["路灯"]\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[nature", "table declaration"),
        ("[nature.help]\n", "needs zh"),
        (GOOD.replace('"坏了"', '"坏了", "坏了"'), "twice"),
        (GOOD.replace('"坏了"', '""'), "empty"),
        (GOOD.replace("nature.help", "nature.joke"), "joke"),
        (GOOD.replace("weak", "soft"), "needs zh"),
        (GOOD + "[colors]\n", "colors"),
        (GOOD.replace('zh="求助"', 'zh="求助"\nworkdays=0'), "workdays of 'help'"),
        (GOOD.replace('"路灯"', '""'), "empty"),
        (GOOD.replace("parts", "pieces"), "all its lists"),
    ],
)
def test_a_bad_word_list_is_explained(tmp_path: Path, text: str, said: str) -> None:
    """What is wrong in the city's own file is named in one line."""
    path = tmp_path / "words.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match=said) as caught:
        catalog.load(path)
    assert (caught.value.code, str(path) in str(caught.value)) == ("bad_word_list", True)


def test_a_good_one_is_read(tmp_path: Path) -> None:
    """A city's own list replaces ours."""
    path = tmp_path / "words.toml"
    path.write_text(GOOD)
    assert catalog.load(path).topics.names == {"heating": "供暖"}
    path.write_text(GOOD.replace('zh="求助"', 'zh="求助"\nworkdays=5'))
    assert catalog.load(path).workdays == {"help": 5}
    with pytest.raises(UsageError, match=r"missing\.toml"):
        catalog.load(tmp_path / "missing.toml")

"""WAV files: made of raw sound, repaired after a crash, refused when foreign."""

import struct
import wave
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_disk import room_for

from callcenter.core.errors import PeerError, UsageError
from recordings import wav

pytestmark = pytest.mark.adapters

SECOND = b"\1\0\2\0" * wav.RATE


def _raw(folder: Path, content: bytes) -> Path:
    path = folder / "x.raw"
    path.write_bytes(content)
    return path


def _whole(wave: wav.Wave) -> bytes:
    content = b"".join(wave.blocks())
    assert len(content) == wave.size
    return content


def test_raw_sound_becomes_a_wav_file(tmp_path: Path) -> None:
    """Python's own reader finds both channels, sample for sample; it can be had again and again."""
    made = wav.of_raw(_raw(tmp_path, SECOND * 3))
    assert made.seconds == 3.0
    assert _whole(made) == _whole(made)
    with wave.open(BytesIO(_whole(made))) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (2, 2, 8000)
        assert sound.readframes(sound.getnframes()) == SECOND * 3


def test_half_a_sample_at_the_end_is_left_out(tmp_path: Path) -> None:
    """A crash may stop Asterisk within a sample."""
    assert _whole(wav.of_raw(_raw(tmp_path, SECOND + b"\1\0\2"))) == wav.header(len(SECOND)) + SECOND


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    """The error has the code that the alarm looks for; what was there stays."""
    path = tmp_path / "x.json"
    wav.write_whole(path, b"before")
    with room_for(1000), pytest.raises(PeerError) as caught:
        wav.write_whole(path, SECOND)
    assert caught.value.code == "disk_full"
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("x.json", b"before")]


@given(st.integers(0, 50), st.sampled_from(["zero", "beyond", "right"]), st.sampled_from([1, 2]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_header_is_made_to_tell_the_truth(tmp_path: Path, extra: int, told: str, channels: int) -> None:
    """Whatever the sizes said, what is taken from the file has those of the file; the file itself is not touched."""
    content = b"\1" * extra
    size = {"zero": 0, "beyond": extra + 1000, "right": extra}[told]
    path = _raw(tmp_path, wav.header(size, channels) + content)
    before = path.read_bytes()
    whole = extra - extra % (2 * channels)
    assert _whole(wav.of_file(path)) == wav.header(whole, channels) + content[:whole]
    assert path.read_bytes() == before
    assert _whole(wav.as_it_is(path)) == before


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"RIFF",
        b"no sound at all, but long enough to have a header of some kind in it",
        b"RIFF\0\0\0\0WAVE" + b"fmt " + struct.pack("<I", 2**31),
        b"RIFF\0\0\0\0WAVE" + b"data" + struct.pack("<I", 0),
        wav.header(0).replace(struct.pack("<H", 16), struct.pack("<H", 8), 2),
        wav.header(0)[:22] + b"\0\0" + wav.header(0)[24:],
    ],
)
def test_what_is_no_wav_file_is_refused(tmp_path: Path, content: bytes) -> None:
    """Empty, cut, foreign, or of another form."""
    path = _raw(tmp_path, content)
    with pytest.raises(UsageError) as caught:
        wav.inspect(path)
    assert caught.value.code == "not_wav"


@given(st.binary(max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_break_the_reader(tmp_path: Path, noise: bytes) -> None:
    """Any file is either understood or refused."""
    path = _raw(tmp_path, b"RIFF\0\0\0\0WAVE" + noise)
    try:
        layout = wav.inspect(path)
    except UsageError:
        return
    assert layout.data_offset + layout.data_bytes <= path.stat().st_size


def test_a_chunk_before_the_sound_is_skipped(tmp_path: Path) -> None:
    """Other programs put notes there."""
    head = wav.header(len(SECOND))
    path = _raw(tmp_path, head[:36] + b"LIST" + struct.pack("<I", 3) + b"abc\0" + head[36:] + SECOND)
    assert wav.inspect(path).seconds == 1.0
    assert _whole(wav.of_file(path)) == head + SECOND


def test_a_file_that_shrinks_while_it_is_read_is_no_whole_one(tmp_path: Path) -> None:
    """Reading says so instead of making a shorter sound."""
    path = _raw(tmp_path, SECOND)
    made = wav.of_raw(path)
    path.write_bytes(b"")
    with pytest.raises(PeerError), wav.disk_errors():
        _whole(made)


def test_places_in_the_file_are_seconds_of_the_sound(tmp_path: Path) -> None:
    """The header belongs to the first, what lies behind the sound to the last."""
    layout = wav.inspect(_raw(tmp_path, wav.header(len(SECOND)) + SECOND))
    assert [layout.second_at(place) for place in (0, 44, 44 + len(SECOND) // 2, 10**9)] == [0, 0, 0.5, 1]


def test_an_absent_file_is_a_peers_fault(tmp_path: Path) -> None:
    """The code names the trouble, the message no path."""
    with pytest.raises(PeerError) as caught:
        wav.inspect(tmp_path / "secret-name.wav")
    assert caught.value.code == "recording_io"
    assert "secret" not in str(caught.value)

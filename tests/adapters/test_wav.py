"""WAV files: wrapped whole, repaired after a crash, refused when foreign."""

import hashlib
import struct
import wave
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


def test_wrapped_sound_is_a_wav_file_with_its_hash(tmp_path: Path) -> None:
    """Python's own reader finds both channels, sample for sample."""
    done = wav.wrap(_raw(tmp_path, SECOND * 3), tmp_path / "new" / "x.wav")
    assert done.seconds == 3.0
    assert done.sha256 == hashlib.sha256((tmp_path / "new" / "x.wav").read_bytes()).hexdigest()
    with wave.open(str(tmp_path / "new" / "x.wav")) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (2, 2, 8000)
        assert sound.readframes(sound.getnframes()) == SECOND * 3


def test_half_a_sample_at_the_end_is_left_out(tmp_path: Path) -> None:
    """A crash may stop Asterisk within a sample."""
    wav.wrap(_raw(tmp_path, SECOND + b"\1\0\2"), tmp_path / "x.wav")
    assert wav.inspect(tmp_path / "x.wav").data_bytes == len(SECOND)


def test_a_full_disk_leaves_the_raw_file_and_nothing_else(tmp_path: Path) -> None:
    """The error has the code that the alarm looks for."""
    raw = _raw(tmp_path, SECOND)
    with room_for(1000), pytest.raises(PeerError) as caught:
        wav.wrap(raw, tmp_path / "x.wav")
    assert caught.value.code == "disk_full"
    assert [path.name for path in tmp_path.iterdir()] == ["x.raw"]


@given(st.integers(0, 50), st.sampled_from(["zero", "beyond", "right"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_repair_makes_the_header_tell_the_truth(tmp_path: Path, extra: int, told: str) -> None:
    """Whatever the sizes said, afterwards they are those of the file, and a second repair does nothing."""
    content = b"\1" * extra
    size = {"zero": 0, "beyond": extra + 1000, "right": extra}[told]
    path = tmp_path / "x.wav"
    path.write_bytes(wav.header(size) + content)
    wav.repair_header(path)
    whole = extra - extra % wav.FRAME_BYTES
    with wave.open(str(path)) as sound:
        assert sound.getnframes() * wav.FRAME_BYTES == whole
    assert wav.repair_header(path) is False


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


def test_an_absent_file_is_a_peers_fault(tmp_path: Path) -> None:
    """The code names the trouble, the message no path."""
    with pytest.raises(PeerError) as caught:
        wav.sha256_of(tmp_path / "secret-name.wav")
    assert caught.value.code == "recording_io"
    assert "secret" not in str(caught.value)

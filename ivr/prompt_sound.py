"""A recording that somebody hands in, made a prompt's sound: checked, mixed to one channel, brought to 8 kHz. Pure.

Invariant: what passes can be played and heard; what is refused is told in one line that says what to do.
"""

import io
import wave
from typing import Final

import numpy as np

from callcenter.core.errors import UsageError
from callcenter.speech import audio
from ivr.prompt_maker import SILENT_DBFS

FILE_MAX_BYTES: Final = 6 * 2**20
"""A minute of 48 kHz, 16 bit, mono fits; nobody needs more for a prompt."""

SECONDS_MIN: Final = 0.2
SECONDS_MAX: Final = 60.0

RATES: Final = range(8000, 48001)
"""Samples per second that are taken; below, too little of a voice is left."""

CHANNELS_MAX: Final = 2
WIDTHS: Final = (1, 2, 3, 4)
"""Bytes per sample of PCM."""

_WANTED = "请存为 WAV（PCM，单声道或立体声，8000 至 48000 Hz）再上传 / save it as WAV: PCM, mono or stereo, 8000 to 48000 Hz"


def prompt_sound(content: bytes) -> audio.Samples:
    """The samples of a WAV file, 8 kHz mono 16 bit; two channels are mixed, other rates converted.

    Raises:
        UsageError: ``bad_recording``: too big, no whole WAV file of PCM, too short, too long, or nothing to hear.
    """
    if len(content) > FILE_MAX_BYTES:
        raise _bad(
            f"文件 {len(content) / 2**20:.1f} MB，最多 {FILE_MAX_BYTES // 2**20} MB：请剪短，或存为单声道",
            f"the file has {len(content) / 2**20:.1f} MB, at most {FILE_MAX_BYTES // 2**20}: cut it, or save it as mono",
        )
    sound, rate = _read(content)
    seconds = len(sound) / rate
    if not SECONDS_MIN <= seconds <= SECONDS_MAX:
        raise _bad(
            f"录音长 {seconds:.1f} 秒，须在 {SECONDS_MIN} 到 {SECONDS_MAX:.0f} 秒之间",
            f"the recording lasts {seconds:.1f} s, it must last {SECONDS_MIN} to {SECONDS_MAX:.0f} s",
        )
    samples = audio.to_8k(sound, rate)
    if audio.rms_dbfs(samples) < SILENT_DBFS:
        raise _bad(
            "录音里没有声音：请检查话筒后重录",
            "there is nothing to hear: check the microphone and record anew",
        )
    return samples


def wav_bytes(samples: audio.Samples) -> bytes:
    """A WAV file of 8 kHz mono 16 bit."""
    file = io.BytesIO()
    audio.write_wav(file, samples)
    return file.getvalue()


def samples_of(wav: bytes) -> audio.Samples:
    """What :func:`wav_bytes` was given."""
    return audio.read_wav(io.BytesIO(wav))


def _read(content: bytes) -> tuple[audio.Wave, int]:
    """One channel in -1..1, and its samples per second."""
    try:
        with wave.open(io.BytesIO(content), "rb") as file:
            channels, width, rate = file.getnchannels(), file.getsampwidth(), file.getframerate()
            told, raw = file.getnframes(), file.readframes(file.getnframes())
    except (wave.Error, EOFError, ValueError, RuntimeError):
        raise _bad("这不是能用的 WAV 文件", "this is no WAV file that can be used", _WANTED) from None
    if channels > CHANNELS_MAX or width not in WIDTHS or rate not in RATES:
        shape = f"{channels} x {width * 8} bit, {rate} Hz"
        raise _bad(f"录音是 {shape}", f"the recording has {shape}", _WANTED)
    if not told or len(raw) != told * channels * width:
        raise _bad("文件不完整：请重新导出再上传", "the file was cut: export it once more")
    return _numbers(raw, width).reshape(-1, channels).mean(axis=1, dtype=np.float32), rate


def _numbers(raw: bytes, width: int) -> audio.Wave:
    """PCM of any width as numbers in -1..1."""
    if width == 1:  # the only one without a sign
        middle: audio.Wave = np.frombuffer(raw, np.uint8).astype(np.float32) - np.float32(128)
        return middle * np.float32(1 / 128)
    whole = np.zeros((len(raw) // width, 4), np.uint8)
    whole[:, 4 - width :] = np.frombuffer(raw, np.uint8).reshape(-1, width)
    numbers: audio.Wave = whole.view("<i4")[:, 0].astype(np.float32) / np.float32(2**31)
    return numbers


def _bad(zh: str, en: str, wanted: str = "") -> UsageError:
    if not wanted:
        return UsageError(f"{zh} / {en}", code="bad_recording")
    wanted_zh, wanted_en = wanted.split(" / ")
    return UsageError(f"{zh}，{wanted_zh} / {en}: {wanted_en}", code="bad_recording")

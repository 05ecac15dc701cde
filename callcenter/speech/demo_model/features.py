"""What the recognizer hears: 40 MFCC every 10 ms of 8 kHz sound.

Invariant: ``MFCC_CONF`` goes into the model folder and describes exactly what ``mfcc`` computes;
Vosk computes the same from it.
"""

import kaldi_native_fbank
import numpy as np
from numpy.typing import NDArray

from callcenter.speech.audio import RATE, Wave

DIMENSION = 40
LOW_HZ, HIGH_HZ = 40, -200  # negative: below the Nyquist frequency

MFCC_CONF = f"""\
--sample-frequency={RATE}
--dither=0
--use-energy=false
--num-mel-bins={DIMENSION}
--num-ceps={DIMENSION}
--low-freq={LOW_HZ}
--high-freq={HIGH_HZ}
--allow-upsample=true
--allow-downsample=true
"""

FRAME_SHIFT = 80
"""Samples between frames."""
FRAME_CENTER = 100
"""Samples from the start of a 25 ms frame to its middle."""

Features = NDArray[np.float32]


def mfcc(sound: Wave) -> Features:
    """Frames x 40."""
    computer = kaldi_native_fbank.OnlineMfcc(_options())
    computer.accept_waveform(RATE, sound.tolist())
    computer.input_finished()
    frames = [computer.get_frame(number) for number in range(computer.num_frames_ready)]
    return np.stack(frames).astype(np.float32)


def _options() -> kaldi_native_fbank.MfccOptions:
    options = kaldi_native_fbank.MfccOptions()
    options.frame_opts.samp_freq = RATE
    options.frame_opts.dither = 0
    options.mel_opts.num_bins = DIMENSION
    options.mel_opts.low_freq = LOW_HZ
    options.mel_opts.high_freq = HIGH_HZ
    options.num_ceps = DIMENSION
    options.use_energy = False
    return options

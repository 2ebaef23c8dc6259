"""From a waveform to a picture that a network can read: frames, spectrum, mel bands, logarithm. Built in unit 16.

Waves are (T,) floats from -1 to 1; rate is in samples a second. The mel scale is that of O'Shaughnessy (1987).
"""

import base64
import html
import io
import wave as wav

import numpy as np

from introdl._validate import numeric, positive, whole

LOW_TONES, HIGH_TONES = (697, 770, 852, 941), (1209, 1336, 1477)  # of a telephone's rows and columns, in hertz
PLAYER = (
    '<figure style="margin:.3em 0"><figcaption>{said}</figcaption>'
    '<audio controls preload="metadata" aria-label="{said}" src="data:audio/wav;base64,{sound}"></audio></figure>'
)


def frames(wave: np.ndarray, length: int, step: int) -> np.ndarray:
    """Return (F, length): pieces of a wave (T,), each beginning `step` samples after the one before.

    Every sample is in a frame: the last one is filled up with zeros. A wave that is shorter than a frame gives one.
    """
    wave, length, step = _wave(wave), whole("length", length), whole("step", step)
    count = 1 + max(0, -(-(len(wave) - length) // step))
    padded = np.pad(wave, (0, (count - 1) * step + length - min(len(wave), (count - 1) * step + length)))
    return padded[np.arange(count)[:, np.newaxis] * step + np.arange(length)]


def power_spectrum(pieces: np.ndarray) -> np.ndarray:
    """Return (F, length // 2 + 1): how strong each frequency is in each frame, under a Hann window.

    Column k stands for k * rate / length cycles a second.
    """
    length = pieces.shape[-1]
    window = 0.5 - 0.5 * np.cos(
        2 * np.pi * np.arange(length) / length
    )  # from silence to silence: no clicks at the ends
    return np.abs(np.fft.rfft(pieces * window, axis=-1)) ** 2


def mel(hertz):
    """Return frequencies on the mel scale, where equal steps sound equally far apart."""
    return 2595 * np.log10(1 + np.asarray(hertz) / 700)


def mel_filters(num_bands: int, length: int, rate: float) -> np.ndarray:
    """Return (num_bands, length // 2 + 1): triangles on the frequencies of `power_spectrum`, evenly spread in mel.

    Raises ValueError where bands are so many that one would cover no frequency.
    """
    num_bands, length, rate = whole("num_bands", num_bands), whole("length", length, least=2), positive("rate", rate)
    corners = 700 * (10 ** (np.linspace(0, mel(rate / 2), num_bands + 2) / 2595) - 1)  # in hertz
    left, middle, right = (corners[k : k + num_bands, np.newaxis] for k in range(3))
    hertz = np.arange(length // 2 + 1) * rate / length
    filters = np.clip(np.minimum((hertz - left) / (middle - left), (right - hertz) / (right - middle)), 0, None)
    if not filters.sum(axis=1).all():
        raise ValueError(
            f"num_bands is {num_bands}, too many for frames of {length} samples: a band covers no frequency"
        )
    return filters


def log_mel(
    wave: np.ndarray, rate: float, num_bands: int = 40, seconds: float = 0.025, step: float = 0.01
) -> np.ndarray:
    """Return the log-mel spectrogram (F, num_bands) float32 of a wave (T,).

    seconds: how long a frame is; step: how far apart frames begin. Its unit is the natural logarithm of a power.
    """
    length = round(positive("seconds", seconds) * positive("rate", rate))
    power = power_spectrum(frames(wave, length, round(positive("step", step) * rate)))
    return np.log(power @ mel_filters(num_bands, length, rate).T + 1e-6).astype(np.float32)


def dial(digits: np.ndarray, rate: int, rng: np.random.Generator) -> np.ndarray:
    """Return the noisy sound (T,) float32 of telephone keys for digits (L,): a low and a high tone each (ITU-T Q.23).

    All keys of a call are held equally long, at random from 0.14 to 0.32 seconds, and are a little out of tune.
    """
    digits, rate = numeric("digits", digits), whole("rate", rate)
    if digits.ndim != 1 or not len(digits) or not np.isin(digits, range(10)).all():
        raise ValueError(f"digits is {digits.tolist()}, expected at least one, each from 0 to 9")
    rows, columns = np.divmod(np.where(digits == 0, 10, digits - 1), 3)  # 0 is below the 8
    hertz = np.stack([np.array(LOW_TONES)[rows], np.array(HIGH_TONES)[columns]]) * rng.normal(1, 0.01, (2, len(digits)))
    t = np.arange(round(rng.uniform(0.14, 0.32) * rate)) / rate
    tones = np.sin(2 * np.pi * hertz[:, :, np.newaxis] * t).sum(axis=0)  # (L, T of a key)
    wave = np.pad(tones, ((0, 0), (0, round(0.05 * rate)))).ravel()
    return (0.2 * wave + rng.normal(0, 0.03, size=len(wave))).astype(np.float32)


def listen(wave: np.ndarray, rate: int, what: str) -> None:
    """Display a player for a wave (T,); the sound is in the page itself and plays without a kernel.

    what: says what is heard, above the player. The loudest sample is played at full loudness. A sample takes one byte,
    as text a third more: keep sounds short.
    """
    if not isinstance(what, str) or not what.strip():
        raise ValueError("what is empty: say in words what is heard")
    sound = base64.b64encode(_wav(_wave(wave), whole("rate", rate))).decode()
    try:
        from IPython import get_ipython
        from IPython.display import display
    except ImportError:
        get_ipython = lambda: None  # noqa: E731
    if get_ipython() is None:
        print("Sound:", what)
    else:
        page = PLAYER.format(said=html.escape(what), sound=sound)
        display({"text/html": page, "text/plain": f"Sound: {what}"}, raw=True)


def _wav(wave: np.ndarray, rate: int) -> bytes:
    """Return a WAV file of one channel with 8 bits a sample, where 128 is silence."""
    scaled = wave / (np.abs(wave).max() or 1)
    file = io.BytesIO()
    with wav.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(1)
        writer.setframerate(rate)
        writer.writeframes(np.rint(128 + 127 * scaled).astype(np.uint8).tobytes())
    return file.getvalue()


def _wave(wave: np.ndarray) -> np.ndarray:
    wave = numeric("wave", wave)
    if wave.ndim != 1 or not len(wave):
        raise ValueError(f"wave has shape {wave.shape}, expected (T,) with at least one sample")
    return wave

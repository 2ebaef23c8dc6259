"""Spectrograms: against SciPy's, and by tones whose place is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal

from introdl import speech

RATE = 8000


def tone(hertz, seconds=0.5):
    return np.sin(2 * np.pi * hertz * np.arange(int(seconds * RATE)) / RATE)


@given(st.integers(1, 60), st.integers(1, 20), st.integers(1, 20))
def test_frames_hold_every_sample_in_its_place_and_none_is_empty(T, length, step):
    wave = np.arange(1.0, T + 1)
    pieces = speech.frames(wave, length, step)
    for f, piece in enumerate(pieces):
        there = wave[f * step : f * step + length]
        assert piece[: len(there)].tolist() == there.tolist() and not piece[len(there) :].any()
    if step <= length:
        assert set(wave) <= set(pieces.ravel())
        assert len(pieces) == 1 or len(wave) > (len(pieces) - 2) * step + length  # the last one was needed


def test_the_power_spectrum_is_that_of_scipy():
    wave = np.random.default_rng(0).normal(size=2000)
    pieces = speech.frames(wave, 200, 80)[:20]
    _, _, theirs = signal.stft(wave, window="hann", nperseg=200, noverlap=120, boundary=None, padded=False)
    theirs = np.abs(theirs.T[:20] * signal.get_window("hann", 200).sum()) ** 2
    np.testing.assert_allclose(speech.power_spectrum(pieces), theirs, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("hertz", [200, 1000, 3000])
def test_a_tone_is_loudest_in_the_band_that_covers_it(hertz):
    bands = speech.log_mel(tone(hertz), RATE).mean(axis=0)
    filters = speech.mel_filters(40, 200, RATE)
    assert bands.argmax() == filters[:, hertz * 200 // RATE].argmax()


def test_bands_are_evenly_spread_in_mel_and_overlap():
    filters = speech.mel_filters(20, 1000, RATE)
    peaks = speech.mel(filters.argmax(axis=1) * RATE / 1000)
    np.testing.assert_allclose(np.diff(peaks), np.diff(peaks).mean(), rtol=0.25)
    covered = filters.sum(axis=0)
    inner = slice(filters[0].argmax() + 1, filters[-1].argmax())
    np.testing.assert_allclose(covered[inner], 1, atol=1e-9)  # neighbours share what lies between their peaks
    assert speech.mel(1000) == pytest.approx(1000, abs=1)


def test_louder_is_higher_and_later_is_farther_right():
    wave = np.concatenate([0.1 * tone(500), tone(500)])
    loudness = speech.log_mel(wave, RATE).max(axis=1)
    np.testing.assert_allclose(np.diff(loudness[[10, -10]]), 2 * np.log(10), rtol=0.02)  # ten times, as a power


def test_bad_waves_and_impossible_bands_are_refused_in_one_line():
    with pytest.raises(ValueError, match=r"wave has shape \(0,\), expected \(T,\) with at least one sample"):
        speech.log_mel(np.zeros(0), RATE)
    with pytest.raises(TypeError, match="wave is a list"):
        speech.frames([1.0, 2.0], 2, 1)
    with pytest.raises(ValueError, match="num_bands is 200, too many for frames of 200 samples"):
        speech.mel_filters(200, 200, RATE)
    with pytest.raises(ValueError, match="step is 0"):
        speech.frames(np.ones(10), 2, 0)


@pytest.mark.parametrize(("digit", "low", "high"), [(1, 697, 1209), (0, 941, 1336), (6, 770, 1477), (8, 852, 1336)])
def test_a_key_sounds_as_its_row_and_its_column(digit, low, high):
    wave = speech.dial(np.array([digit, digit]), RATE, np.random.default_rng(digit))
    power = np.abs(np.fft.rfft(wave)) ** 2
    hertz = np.fft.rfftfreq(len(wave), 1 / RATE)
    for wanted, part in ((low, hertz < 1075), (high, hertz >= 1075)):
        assert hertz[part][power[part].argmax()] == pytest.approx(wanted, rel=0.05)


def test_calls_differ_in_length_and_wrong_digits_are_refused():
    rng = np.random.default_rng(0)
    one, other = (speech.dial(np.array([1, 2, 3]), RATE, rng) for _ in range(2))
    assert one.dtype == np.float32 and len(one) != len(other) and len(one) % 3 == 0
    for digits in (np.array([1, 10]), np.array([], int), np.array([[1]])):
        with pytest.raises(ValueError, match="digits is .*, expected at least one, each from 0 to 9"):
            speech.dial(digits, RATE, rng)


def test_a_wav_file_holds_the_wave_in_eight_bits():
    import io
    import wave

    sound = 0.3 * tone(500)
    with wave.open(io.BytesIO(speech._wav(sound, RATE))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 1, RATE)
        back = np.frombuffer(file.readframes(file.getnframes()), np.uint8).astype(float) - 128
    np.testing.assert_allclose(back / 127, sound / np.abs(sound).max(), atol=0.5 / 127)
    assert set(speech._wav(np.zeros(9), RATE)[-9:]) == {128}  # silence


def test_a_player_says_what_is_heard_and_plays_without_a_kernel(monkeypatch, capsys):
    import IPython
    from IPython import display

    speech.listen(tone(500), RATE, "a tone")
    assert capsys.readouterr().out == "Sound: a tone\n"
    shown = []
    monkeypatch.setattr(IPython, "get_ipython", lambda: object())
    monkeypatch.setattr(display, "display", lambda page, raw: shown.append(page))
    speech.listen(tone(500), RATE, 'says "three" & <four>')
    assert shown[0]["text/plain"] == 'Sound: says "three" & <four>'
    page = shown[0]["text/html"]
    assert "says &quot;three&quot; &amp; &lt;four&gt;" in page and "<audio controls" in page and "http" not in page
    assert 'src="data:audio/wav;base64,UklGR' in page  # RIFF
    with pytest.raises(ValueError, match="what is empty: say in words what is heard"):
        speech.listen(tone(500), RATE, " ")
    with pytest.raises(ValueError, match=r"wave has shape \(0,\)"):
        speech.listen(np.zeros(0), RATE, "nothing")

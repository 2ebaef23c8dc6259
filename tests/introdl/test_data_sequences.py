"""Series and spoken digits: real sizes, honest parts, the same samples each time."""

import datetime
from importlib import util
from itertools import combinations

import numpy as np
import pytest

from introdl import _voices, data


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("INTRODL_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


def test_co2_is_weekly_has_its_gaps_and_rises_with_the_seasons():
    dates, ppm = data.co2()
    assert len(dates) == len(ppm) == 2284 and np.isnan(ppm).sum() == 59
    assert set(np.diff(dates)) == {np.timedelta64(7, "D")}
    assert dates[0].astype(datetime.date) == datetime.date(1958, 3, 29) and ppm[0] == 316.1
    months = dates.astype("datetime64[M]").astype(int) % 12
    year = dates.astype("datetime64[Y]").astype(int)
    whole = (year > year[0]) & ~np.isnan(ppm)
    trend = np.polynomial.Polynomial.fit(year[whole] + months[whole] / 12, ppm[whole], 2)
    rest = ppm - trend(year + months / 12)
    by_month = [np.nanmean(rest[months == month]) for month in range(12)]
    assert by_month.index(max(by_month)) == 4 and by_month.index(min(by_month)) in (8, 9)  # May; September, October


def test_sunspots_come_and_go_in_eleven_years():
    years, counts = data.sunspots()
    assert years.tolist() == list(range(1700, 2009)) and counts.min() >= 0
    power = np.abs(np.fft.rfft(counts - counts.mean())) ** 2
    assert 10 < len(counts) / (1 + np.argmax(power[1:])) < 12


def test_each_voice_is_in_one_part_and_says_every_digit_three_times():
    parts = data.spoken_digits()
    assert sum(len(part.waves) for part in parts) == 2250
    for part in parts:
        assert len(part.waves) == len(part.labels) == len(part.voices)
        said = np.bincount(np.concatenate(part.labels), minlength=10)
        assert set(said) == {3 * len(set(part.voices))}
    for one, other in combinations((set(part.voices) for part in parts), 2):
        assert not one & other
        assert not any(set(family) & one and set(family) & other for family in _voices.FAMILIES)


def test_waves_are_loud_to_their_ends_and_no_two_are_the_same():
    train, *_ = data.spoken_digits()
    for wave in train.waves[:200]:
        assert wave.dtype == np.float32 and 0.15 < len(wave) / data.SPEECH_RATE < 1.2
        assert 0.05 < np.abs(wave).max() <= 1 and (np.abs(wave[[0, -1]]) > _voices.QUIET * 0.99).all()
    assert len({wave.tobytes() for wave in train.waves}) == len(train.waves)


def test_strings_have_two_to_five_digits_and_take_longer_the_more_there_are():
    parts = data.spoken_strings()
    assert [len(part.waves) for part in parts] == [1200, 150, 300]
    lengths = np.array([len(label) for label in parts[0].labels])
    seconds = np.array([len(wave) for wave in parts[0].waves]) / data.SPEECH_RATE
    assert set(lengths) == {2, 3, 4, 5}
    means = [seconds[lengths == length].mean() for length in (2, 3, 4, 5)]
    assert np.all(np.diff(means) > 0.2)


def test_the_same_texts_give_the_same_samples_whatever_was_said_before():
    wanted = [("seven", "Gene", 150, 50), ("two", "f3", 170, 40)]
    samples, lengths = _voices.spoken(wanted)
    again, _ = _voices.spoken(wanted)
    assert np.array_equal(samples, again) and lengths.sum() == len(samples)


def test_a_missing_package_or_an_unknown_voice_gives_one_line(monkeypatch):
    with pytest.raises(RuntimeError, match="espeak-ng does not know the voice 'nobody'"):
        _voices.spoken([("one", "nobody", 150, 50)])
    found = util.find_spec
    for module, missing, load, line in [
        (_voices, "espeakng_loader", lambda: _voices.spoken([]), "speech needs the package espeakng-loader"),
        (data._series, "statsmodels", data.co2, "co2 needs the package statsmodels: pip install statsmodels"),
        (data._series, "statsmodels", data.sunspots, "sunspots needs the package statsmodels"),
    ]:
        hidden = lambda name, missing=missing: None if name == missing else found(name)  # noqa: E731
        monkeypatch.setattr(module, "find_spec", hidden)
        with pytest.raises(ImportError, match=line):
            load()

"""Synthesised speech: the voices of espeak-ng, which say short texts as waveforms. `introdl.data` is the door.

The library keeps a state of its own from text to text. So all texts of a data set are spoken in one fresh process, in
one order: the same samples each time; and if the library fails, the reader's notebook lives on.
"""

import ctypes
import io
import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np

# Variants of espeak-ng's English that sound like people; robots, whisperers and the like are left out. A line holds
# voices of one family: they are alike, so a family is either learned from or tested on.
FAMILIES = [
    family.split()
    for family in """Alex
Alicia
Andrea
Andy
Annie
Denis
Diogo
Gene Gene2
Henrique
Hugo
Jacky
Lee
Marco
Mario
Michael michel
Mike mike2
Nguyen
Reed
adam
anika
announcer
antonio
aunty
belinda
benjamin
boris
caleb
david
ed edward edward2
f1 f2 f3 f4 f5
grandma grandpa
gustave
ian
iven iven2 iven3 iven4
john
linda
m1 m2 m3 m4 m5 m6 m7 m8
marcelo
max
miguel
norbert
pablo
paul
pedro
quincy
rob robert
sandro
shelby
steph steph2 steph3
travis
victor
zac""".splitlines()
]
WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
RATE = 11_025  # samples a second: half of what espeak-ng gives, enough for speech
QUIET = 0.01  # silence before and after is cut off below this loudness
# The numbers are those of espeak-ng's speak_lib.h.
SYNCHRONOUS, SPEED, PITCH, UTF8, FROM_CHARACTER = 2, 1, 3, 1, 1
CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


def parts(rng: np.random.Generator, num_val: int = 8, num_test: int = 12) -> list[list[str]]:
    """Return the voices to learn from, to validate and to test with; a family stays in one part."""
    order = [FAMILIES[place] for place in rng.permutation(len(FAMILIES))]
    cuts = (order[num_val + num_test :], order[:num_val], order[num_val : num_val + num_test])
    return [[voice for family in part for voice in family] for part in cuts]


def digits(voices: list[str], rng: np.random.Generator, times: int) -> list[tuple]:
    """Return (text, voice, words a minute, pitch) for each digit by each voice, a few times at another pace."""
    return [(word, voice, *_manner(rng)) for voice in voices for _ in range(times) for word in WORDS]


def strings(voices: list[str], rng: np.random.Generator, num: int) -> tuple[list[tuple], list[list[int]]]:
    """Return `num` strings of 2 to 5 random digits to be spoken, as in `digits`, and the digits of each."""
    said = [rng.integers(0, 10, size=rng.integers(2, 6)).tolist() for _ in range(num)]
    wanted = [(" ".join(WORDS[d] for d in digits), str(rng.choice(voices)), *_manner(rng)) for digits in said]
    return wanted, said


def spoken(wanted: list[tuple]) -> tuple[np.ndarray, np.ndarray]:
    """Return all samples in a row, int16 at RATE, and the number of each text's samples (N,).

    wanted: (text, voice, words a minute, pitch from 0 to 100) for each. Raises ImportError without espeakng-loader.
    """
    if find_spec("espeakng_loader") is None:
        raise ImportError("speech needs the package espeakng-loader: pip install espeakng-loader")
    command = [sys.executable, "-m", "introdl._voices"]
    ran = subprocess.run(command, input=json.dumps(wanted).encode(), capture_output=True)
    if ran.returncode:
        raise RuntimeError(f"espeak-ng failed: {ran.stderr.decode(errors='replace').strip().splitlines()[-1:]}")
    with np.load(io.BytesIO(ran.stdout)) as stored:
        return stored["samples"], stored["lengths"]


def _manner(rng: np.random.Generator) -> tuple[int, int]:
    return int(rng.integers(130, 191)), int(rng.integers(35, 66))


def _main() -> None:
    """Say what comes as JSON on standard input; write the samples as .npz to standard output."""
    from espeakng_loader import get_data_path, get_library_path

    library, heard = ctypes.CDLL(get_library_path()), []

    def hear(samples, count, _events) -> int:
        if samples and count > 0:
            heard.append(np.ctypeslib.as_array(samples, (count,)).copy())
        return 0  # go on

    callback = CALLBACK(hear)
    if library.espeak_Initialize(SYNCHRONOUS, 0, get_data_path().encode(), 0) != 2 * RATE:
        raise SystemExit("espeak-ng does not start, or speaks at another rate than expected")
    library.espeak_SetSynthCallback(callback)
    library.espeak_ng_SetRandSeed(ctypes.c_long(0))
    waves = []
    for text, voice, speed, pitch in json.load(sys.stdin):
        # espeak-ng itself takes its plain voice for a variant that is not there
        if not Path(get_data_path(), "voices", "!v", voice).is_file():
            raise SystemExit(f"espeak-ng does not know the voice {voice!r}")
        library.espeak_SetVoiceByName(f"en-us+{voice}".encode())
        library.espeak_SetParameter(SPEED, speed, 0)
        library.espeak_SetParameter(PITCH, pitch, 0)
        heard.clear()
        library.espeak_Synth(text.encode(), len(text.encode()) + 1, 0, FROM_CHARACTER, 0, UTF8, None, None)
        library.espeak_Synchronize()
        waves.append(_trimmed(np.concatenate([np.zeros(0, np.int16), *heard])))
    file = io.BytesIO()
    samples = np.concatenate([np.zeros(0, np.int16), *waves])
    np.savez(file, samples=samples, lengths=np.array([len(wave) for wave in waves], np.int64))
    sys.stdout.buffer.write(file.getvalue())


def _trimmed(wave: np.ndarray) -> np.ndarray:
    """Return every second sample, each the mean of two, from the first loud one to the last."""
    wave = wave[: len(wave) // 2 * 2].reshape(-1, 2).mean(axis=1)
    loud = np.flatnonzero(np.abs(wave) > QUIET * 2**15)
    return np.rint(wave[loud[0] : loud[-1] + 1]).astype(np.int16) if len(loud) else np.zeros(0, np.int16)


if __name__ == "__main__":
    _main()

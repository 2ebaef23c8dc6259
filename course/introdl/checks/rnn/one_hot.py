"""Task of unit 13: a list of names as one padded array (one_hot)."""

import numpy as np
from sklearn.preprocessing import LabelBinarizer

from introdl import data
from introdl.checks.task import Task
from introdl.checks.variant import changed

REFUSED = "a ValueError"


def lists_of_names(rng):
    yield ["ba", "b"], "ab"
    yield ["a"], "a"
    yield ["anna", "bo", "nabab"], "abno"
    yield ["oba", "zz", "abz"], "zoba"  # not in the order of the alphabet
    yield ["bo", "øb"], "abo"
    yield ["o'b", "a b", "-"], "abo '-"
    for count in (3, 5):
        letters = "".join(rng.permutation(list("abcdefgh")))
        yield ["".join(rng.choice(list(letters), size=rng.integers(1, 7))) for _ in range(count)], letters
    yield rng.choice(data.names().X_val, size=6).tolist(), data.NAME_LETTERS
    yield ["ab", "abc"], "ab"


def or_refused(answer, names, letters):
    """Call the answer; a ValueError is an answer, too."""
    try:
        return answer(names, letters)
    except ValueError:
        return REFUSED


def by_scikit_learn(names, letters):
    if set("".join(names)) - set(letters):
        return REFUSED
    places, T = LabelBinarizer().fit(range(max(len(letters), 3))), max(map(len, names))
    X = np.zeros((len(names), T, len(letters)))
    for n, name in enumerate(names):
        X[n, : len(name)] = places.transform([letters.index(letter) for letter in name])[:, : len(letters)]
    return X, [len(name) for name in names]


one_hot = Task(
    "one_hot",
    ("names", "letters"),
    lists_of_names,
    by_scikit_learn,
    run=or_refused,
    hints=(
        "Start from zeros of the full size, and write one 1 for each letter of each name. What you do not touch is the "
        "padding.",
        "The longest name sets T. Two loops with enumerate give the place n of a name and the place t of a letter in "
        "it; letters.index(letter) gives the column.",
        "X = np.zeros((len(names), ..., len(letters))); for n, name in enumerate(names): for t, letter in "
        "enumerate(name): X[n, t, ...] = 1; return X, np.array([...])",
    ),
)


def _one_hot(
    names,
    letters,
    *,
    place=lambda letters, letter: letters.index(letter),
    start=lambda name, T: 0,
    fill=None,
    steps=lambda names: max(map(len, names)),
    length=lambda name, T: len(name),
    finish=lambda X: X,
    add=False,
):
    """The batch with one thing done differently; the mistakes below say which."""
    T = steps(names)
    X = np.zeros((len(names), T, len(letters)))
    if fill is not None:
        X[:, :, fill] = 1
    for n, name in enumerate(names):
        for t, letter in enumerate(name[:T], start(name, T)):
            v = place(letters, letter)
            if v is not None:
                X[n, t] = X[n, t] if add else 0
                X[n, t, v] += 1
    return finish(X), np.array([length(name, T) for name in names])


def skipped(names, letters):
    known = ["".join(letter for letter in name if letter in letters) for name in names]
    return _one_hot(known, letters)


def own_alphabet(names, letters):
    if set("".join(names)) - set(letters):
        raise ValueError("unknown letter")
    return _one_hot(names, "".join(sorted(set("".join(names)))))


def list_of_arrays(names, letters):
    X, lengths = _one_hot(names, letters)
    return [rows[:length] for rows, length in zip(X, lengths, strict=True)], lengths


def no_lengths(names, letters):
    return _one_hot(names, letters)[0]


for _sentence, _answer in {
    "Your padding stands in front of the names (Keras' default). Here it comes after them: X[n, 0] is the first "
    "letter.": changed(_one_hot, "in_front", start=lambda name, T: T - len(name)),
    "Your padding is a letter: the rows behind the end have a 1 in column 0. They are all zeros.": changed(
        _one_hot, "padding_is_a_letter", fill=0
    ),
    "A character that is not in letters passes as a row of zeros, like padding. Stop with a ValueError: nothing is "
    "dropped in silence.": changed(
        _one_hot, "row_of_zeros", place=lambda letters, letter: letters.index(letter) if letter in letters else None
    ),
    "A character that is not in letters is skipped, so the name gets shorter and nobody knows. Stop with a "
    "ValueError.": skipped,
    "find gives -1 for a character that is not there, and column -1 is the last letter. letters.index stops "
    "instead.": changed(_one_hot, "find", place=lambda letters, letter: letters.find(letter)),
    "Your columns follow the order of the alphabet. They follow `letters`, whatever its order.": changed(
        _one_hot, "sorted_letters", place=lambda letters, letter: sorted(letters).index(letter)
    ),
    "Your columns are the letters that occur in these names. A batch must not bring its own vocabulary: the same "
    "letter would stand in another column next time.": own_alphabet,
    "You cut all names to the length of the shortest. The longest sets T; shorter ones are padded.": changed(
        _one_hot, "cut_to_the_shortest", steps=lambda names: min(map(len, names))
    ),
    "Your lengths are T for each name. They say how many letters a name really has.": changed(
        _one_hot, "all_of_length_T", length=lambda name, T: T
    ),
    "Your lengths are those of the last letters' places, one too small: a name of one letter has length 1.": changed(
        _one_hot, "last_places", length=lambda name, T: len(name) - 1
    ),
    "You counted the letters: that is a bag, without order. Each step has a row of its own, (N, T, V).": changed(
        _one_hot, "counts", finish=lambda X: X.sum(axis=1)
    ),
    "Your axes are in another order. Names, steps, letters: (N, T, V) (a convention; PyTorch's default is (T, N, "
    "V)).": changed(_one_hot, "time_first", finish=lambda X: X.swapaxes(0, 1)),
    "The letters stand before the steps: (N, V, T). The order is (N, T, V).": changed(
        _one_hot, "letters_first", finish=lambda X: X.swapaxes(1, 2)
    ),
    "You return a list of arrays of different lengths. One array is asked for: start from np.zeros((N, T, "
    "V)).": list_of_arrays,
    "You return X alone. The lengths belong to it: without them nobody knows where a name ends.": no_lengths,
}.items():
    one_hot.mistake(_sentence)(_answer)

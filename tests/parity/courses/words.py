"""Words and counts: a first programming course in nbgrader's own style, functions and plain asserts.

Its tests delete and replace names, expect the students' own exception, pass callbacks, look at printed lines, answer
`input()`, build on each other's names and give partial credit.
"""

from tests.parity.cells import check, code, course, locked, manual_code, manual_text, solution, text

WORDS = '''
def words(text):
    """Return the words of a text, normalised, in their order."""
    ### BEGIN SOLUTION
    return [normalise(word) for word in text.split()]
    ### END SOLUTION
'''
COUNT = '''
def count(words):
    """Return a dict: how often each word occurs."""
    ### BEGIN SOLUTION
    counts = {}
    for word in words:
        counts[word] = counts.get(word, 0) + 1
    return counts
    ### END SOLUTION


def most_common(words):
    """Return the word that occurs most often; use count."""
    ### BEGIN SOLUTION
    counts = count(words)
    return max(counts, key=counts.get)
    ### END SOLUTION
'''
REPORT = '''
# vocabulary: a set; n_words: an int; report: "... says: 11 words, 7 different ones" with your NAME
### BEGIN SOLUTION
vocabulary = set(words(TEXT))
n_words = len(words(TEXT))
report = f"{NAME} says: {n_words} words, {len(vocabulary)} different ones"
### END SOLUTION
'''
LONGEST = '''
# Write EmptyTextError, a kind of ValueError, and longest(words), which raises it where there are no words.
### BEGIN SOLUTION
class EmptyTextError(ValueError):
    """There are no words."""


def longest(words):
    if not words:
        raise EmptyTextError("a text without words has no longest word")
    return max(words, key=len)
### END SOLUTION
'''
GENERATORS = '''
def sentences(text):
    """Yield the sentences of a text, one at a time, without their marks."""
    ### BEGIN SOLUTION
    start = 0
    for i, character in enumerate(text):
        if character in ".!?":
            yield text[start:i].strip()
            start = i + 1
    ### END SOLUTION


def naturals(start=1):
    """Yield start, start + 1, ... without end."""
    ### BEGIN SOLUTION
    while True:
        yield start
        start += 1
    ### END SOLUTION
'''
CLOSURES = '''
def make_counter(start=0):
    """Return a function that returns start, start + 1, ... call after call."""
    ### BEGIN SOLUTION
    def counter():
        nonlocal start
        start += 1
        return start - 1
    return counter
    ### END SOLUTION


def remember(function):
    """Decorator: calls function once for each argument; `.hits` counts the calls that needed none."""
    ### BEGIN SOLUTION
    results = {}

    def wrapper(argument):
        if argument in results:
            wrapper.hits += 1
        else:
            results[argument] = function(argument)
        return results[argument]
    wrapper.hits = 0
    wrapper.__name__ = function.__name__
    return wrapper
    ### END SOLUTION
'''
CALLBACKS = '''
def keep(words, wanted):
    """Return the words for which wanted(word) is true; ask once for each."""
    ### BEGIN SOLUTION
    return [word for word in words if wanted(word)]
    ### END SOLUTION


def chain(*functions):
    """Return a function that applies all functions, the first first."""
    ### BEGIN SOLUTION
    def chained(value):
        for function in functions:
            value = function(value)
        return value
    return chained
    ### END SOLUTION
'''
ROMAN = '''
def roman(number):
    """Return a number from 1 to 3999 in Roman numerals."""
    ### BEGIN SOLUTION
    steps = [(1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"),
             (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")]
    numeral = ""
    for value, letters in steps:
        while number >= value:
            number -= value
            numeral += letters
    return numeral
    ### END SOLUTION
'''
IN_PLACE = '''
def drop_short(words, n):
    """Remove the words of fewer than n letters from the list itself; return None."""
    ### BEGIN SOLUTION
    words[:] = [word for word in words if len(word) >= n]
    ### END SOLUTION


def merge(counts, more):
    """Add the counts of the dict `more` to those of `counts`, in place."""
    ### BEGIN SOLUTION
    for word, number in more.items():
        counts[word] = counts.get(word, 0) + number
    ### END SOLUTION


def copied(table):
    """Return a copy of a list of lists that shares nothing with it."""
    ### BEGIN SOLUTION
    return [list(row) for row in table]
    ### END SOLUTION
'''
RANDOM = '''
def draw(words, n):
    """Return n words drawn with random.choice, one after the other."""
    ### BEGIN SOLUTION
    return [random.choice(words) for _ in range(n)]
    ### END SOLUTION


# rolls: ten rolls of a die with random.randint, after random.seed(7)
### BEGIN SOLUTION
random.seed(7)
rolls = [random.randint(1, 6) for _ in range(10)]
### END SOLUTION
'''
TALK = '''
def show(counts):
    """Print a line `word: number` for each word, sorted by word."""
    ### BEGIN SOLUTION
    for word in sorted(counts):
        print(f"{word}: {counts[word]}")
    ### END SOLUTION


def ask():
    """Ask for a number with input() until it is one; return it."""
    ### BEGIN SOLUTION
    while True:
        try:
            return int(input("A number: "))
        except ValueError:
            print("That is no number.")
    ### END SOLUTION
'''

CHECKS = {"words": (2, '''
"""words returns a list of normalised words"""
result = words(TEXT)
assert isinstance(result, list)
assert result[:3] == ["the", "cat", "saw"], f"the first words are {result[:3]}"
assert len(result) == 11
### BEGIN HIDDEN TESTS
assert words("") == []
assert words("One, TWO three?") == ["one", "two", "three"]
### END HIDDEN TESTS
'''), "words_normalised": (1, '''
"""words uses normalise, which the test replaces"""
kept = normalise
normalise = lambda word: word.upper()
try:
    assert words("a bc") == ["A", "BC"]
finally:
    normalise = kept
assert words("A bc") == ["a", "bc"]
'''), "count": (2, '''
"""count, of a list and of the result of the test above"""
assert count(["a", "b", "a"]) == {"a": 2, "b": 1}
assert count([]) == {}
counts = count(result)
assert counts["the"] == 3 and sum(counts.values()) == len(result)
assert sorted(counts)[0] == "a" and "bird" not in counts
'''), "most_common": (1, '''
"""most_common relies on count"""
assert most_common(["b", "a", "b"]) == "b"
original = count
del count
try:
    most_common(["a"])
except NameError:
    pass
else:
    raise AssertionError("most_common does not use count")
finally:
    count = original
assert count(["z"]) == {"z": 1}
'''), "most_common_once": (1, '''
"""most_common asks count once"""
original, asked = count, []
def count(words):
    asked.append(list(words))
    return {"planted": 9, "other": 1}
try:
    assert most_common(["x", "y"]) == "planted"
    assert asked == [["x", "y"]]
finally:
    count = original
'''), "report": (2, '''
assert isinstance(vocabulary, set) and vocabulary == {"the", "cat", "saw", "dog", "ran", "a", "slept"}
assert type(n_words) is int and n_words == 11
assert report == f"{NAME} says: 11 words, 7 different ones"
assert report.startswith(NAME)
assert "vocabulary" in globals() and "vocabularies" not in globals()
'''), "longest": (2, '''
"""longest raises the student's own exception"""
assert longest(["a", "abc", "ab"]) == "abc"
assert issubclass(EmptyTextError, ValueError)
try:
    longest([])
except EmptyTextError as error:
    assert str(error), "say what is wrong"
    assert isinstance(error, ValueError)
else:
    raise AssertionError("did not raise")
try:
    longest([])
except ValueError:
    pass
### BEGIN HIDDEN TESTS
try:
    longest(())
except IndexError:
    raise AssertionError("no IndexError")
except EmptyTextError:
    pass
### END HIDDEN TESTS
'''), "generators": (2, '''
import inspect
from itertools import islice, takewhile
found = sentences(TEXT)
assert inspect.isgenerator(found) and inspect.isgeneratorfunction(sentences)
assert next(found) == "The cat saw the dog"
assert list(found) == ["The dog ran", "A cat slept"]
try:
    next(found)
except StopIteration:
    pass
else:
    raise AssertionError("there are three sentences")
assert list(islice(naturals(), 3)) == [1, 2, 3]
assert [n for n in takewhile(lambda n: n < 8, naturals(5))] == [5, 6, 7]
numbers = naturals(10)
assert [next(numbers), next(numbers)] == [10, 11] and iter(numbers) is numbers
for word, number in zip(["a", "b"], naturals()):
    assert "xab"[number] == word
'''), "closures": (2, '''
assert callable(make_counter)
first, second = make_counter(), make_counter(10)
assert [first(), first(), first()] == [0, 1, 2]
assert (second(), first()) == (10, 3)
assert callable(first) and first is not second
'''), "decorator": (2, '''
calls = []

@remember
def square(x):
    calls.append(x)
    return x * x

assert [square(3), square(3), square(4)] == [9, 9, 16]
assert calls == [3, 4], "the decorated function is called once for each argument"
assert square.hits == 1
square(4)
assert square.hits == 2 and square.__name__ == "square"
'''), "callbacks": (2, '''
from unittest.mock import Mock
asked = []

def is_long(word):
    asked.append(word)
    return len(word) > 2

assert keep(["to", "the", "cat"], is_long) == ["the", "cat"]
assert asked == ["to", "the", "cat"]
assert keep("abc", lambda letter: letter != "b") == ["a", "c"]
assert keep(["a", "", "b"], len) == ["a", "b"]
fake = Mock(return_value=False)
assert keep(["once"], fake) == []
fake.assert_called_once_with("once")
shout = chain(str.strip, str.upper, lambda text: text + "!")
assert shout("  hello ") == "HELLO!"
assert chain()(5) == 5

def broken(word):
    raise KeyError(word)

try:
    keep(["x"], broken)
except KeyError as error:
    assert error.args == ("x",)
else:
    raise AssertionError("what the callback raises comes back")
'''), "roman": (4, '''
"""a quarter of the points for each kind of number"""
cases = [{1: "I", 3: "III", 20: "XX"}, {6: "VI", 17: "XVII", 60: "LX"}, {4: "IV", 9: "IX", 90: "XC"},
         {1994: "MCMXCIV", 2024: "MMXXIV"}]
points = 0
for group in cases:
    try:
        points += all(roman(number) == numeral for number, numeral in group.items())
    except Exception as error:
        print(type(error).__name__)
points
'''), "in_place": (3, '''
pets = ["a", "cat", "an", "owl"]
same = pets
assert drop_short(pets, 3) is None
assert pets == ["cat", "owl"] and same is pets
tally = {"cat": 1}
merge(tally, {"cat": 2, "dog": 1})
assert tally == {"cat": 3, "dog": 1}
'''), "copied": (1, '''
table = [[1, 2], [3]]
other = copied(table)
assert other == table and other is not table and other[0] is not table[0]
other[0].append(9)
assert table == [[1, 2], [3]]
'''), "random": (2, '''
random.seed(3)
drawn = draw(["a", "b", "c", "d"], 5)
random.seed(3)
assert drawn == draw(["a", "b", "c", "d"], 5), "the same seed, the same words"
random.seed(3)
assert drawn == [random.choice(["a", "b", "c", "d"]) for _ in range(5)]
random.seed(7)
assert rolls == [random.randint(1, 6) for _ in range(10)]
'''), "show": (1, '''
import contextlib
import io
printed = io.StringIO()
with contextlib.redirect_stdout(printed):
    show({"b": 2, "a": 1})
assert printed.getvalue().splitlines() == ["a: 1", "b: 2"]
'''), "ask": (1, '''
"""input is replaced by a list of answers"""
answers = iter(["many", "", "7", "8"])
prompts = []
def input(prompt=""):
    prompts.append(prompt)
    return next(answers)
try:
    assert ask() == 7
finally:
    del input
assert len(prompts) == 3
'''), "ask_mock": (1, '''
from unittest.mock import patch
with patch("builtins.input", side_effect=["?", "12"]) as fake:
    assert ask() == 12
assert fake.call_count == 2
'''), "form": (1, '''
"""how the functions are written"""
import inspect
assert list(inspect.signature(words).parameters) == ["text"]
code = inspect.getsource(most_common)
assert "count(" in code and "sorted" not in code
''')}
IN_PROCESS = {  # what these do to the student's objects can only be done in the student's process
    "check_ask_mock": "patches a builtin of the student's process",
    "check_form": "reads the source of the student's functions",
}
NEEDS = ()


def tests(*names):
    """Return the check cells of these names."""
    return [check(f"check_{name}", *CHECKS[name]) for name in names]


def source():
    """Return the source notebook."""
    return course(
        text("title", "# Words and counts"),
        code("imports", "import random\nfrom collections import Counter"),
        code("name", 'NAME = ""  # your name'),
        locked("helpers", '''
TEXT = "The cat saw the dog. The dog ran!  A cat slept?"


def normalise(word):
    """Return a word in lower case, without punctuation."""
    return word.strip(".,!?").lower()
'''),
        solution("words", WORDS), *tests("words", "words_normalised"),
        solution("count", COUNT), *tests("count", "most_common", "most_common_once"),
        code("look", "most_common(words(TEXT))"),
        solution("report", REPORT), *tests("report"),
        solution("longest", LONGEST), *tests("longest"),
        manual_text("why", 2, "A kind of ValueError is caught by everyone who expects one."),
        solution("generators", GENERATORS), *tests("generators"),
        solution("closures", CLOSURES), *tests("closures", "decorator"),
        solution("callbacks", CALLBACKS), *tests("callbacks"),
        solution("roman", ROMAN), *tests("roman"),
        solution("in_place", IN_PLACE), *tests("in_place", "copied"),
        solution("random", RANDOM), *tests("random"),
        solution("talk", TALK), *tests("show", "ask", "ask_mock", "form"),
        manual_code("application", 3, "print(most_common(keep(words(TEXT), lambda word: word != 'the')))"))

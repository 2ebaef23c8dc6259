"""What students hand in for the course of words and counts; cells not named hold the instructor's answer."""

from tests.parity.cells import ALL, Submission, without_marks
from tests.parity.courses.words import RANDOM, ROMAN

ANOTHER = Submission(edits={
    "imports": """
import random as rnd
import random
from collections import Counter as Tally, defaultdict
""",
    "name": 'NAME = "Alyssa P. Hacker"',
    "words": """
def words(text):
    found = []
    for w in text.split():
        found += [normalise(w)]
    return found
""",
    "count": """
def count(words):
    return Tally(words)

most_common = lambda words: max(count(words), key=count(words).get)
""",
    "longest": """
class EmptyTextError(ValueError):
    def __init__(self, message="no words"):
        super().__init__(message)

def longest(words):
    best = None
    for word in words:
        if best is None or len(word) > len(best):
            best = word
    if best is None:
        raise EmptyTextError
    return best
""",
    "generators": """
import re
from itertools import count as _from

def sentences(text):
    yield from (s.strip() for s in re.split("[.!?]", text) if s.strip())

naturals = lambda start=1: (n for n in _from(start))
""",
    "closures": """
import functools

class make_counter:
    def __init__(self, start=0):
        self.next = start
    def __call__(self):
        self.next += 1
        return self.next - 1

class remember:
    def __init__(self, function):
        functools.update_wrapper(self, function)
        self.function, self.results, self.hits = function, defaultdict(), 0

    def __call__(self, argument):
        if argument not in self.results:
            self.results[argument] = self.function(argument)
        else:
            self.hits += 1
        return self.results[argument]
""",
    "callbacks": """
def keep(words, wanted):
    return list(filter(wanted, words))

def chain(*functions):
    from functools import reduce
    return lambda x: reduce(lambda v, f: f(v), functions, x)
""",
    "in_place": """
import copy
copied = copy.deepcopy

def drop_short(words, n):
    for i in range(len(words) - 1, -1, -1):
        if len(words[i]) < n:
            del words[i]

def merge(counts, more):
    counts.update({word: counts.get(word, 0) + number for word, number in more.items()})
""",
    "random": """
draw = lambda words, n: [rnd.choice(words) for i in range(n)]
rnd.seed(7)
rolls = []
while len(rolls) < 10:
    rolls.append(rnd.randint(1, 6))
""",
    "talk": """
def show(counts):
    import sys
    sys.stdout.write("".join(f"{w}: {n}\\n" for w, n in sorted(counts.items())))

def ask(question="How many? "):
    answer = input(question)
    return int(answer) if answer.isdigit() else ask("Digits only: ")
""",
    "application": "Tally(words(TEXT)).most_common(2)",
}, added={"words": "words('Just a try.')", "check_longest": """
try:
    longest([])
except EmptyTextError as e:
    print(e)
""",
          "check_roman": """
%%time
for year in (1999, 2026):
    print(year, roman(year))
"""},
    lost=("check_most_common_once",))  # it asks count twice

PARTLY = Submission(edits={
    "words": """
def words(text):
    return [word.lower().strip('.!?') for word in text.split()]
""",
    "count": """
def count(words):
    return {word: words.count(word) for word in words}

def most_common(words):
    return sorted(words, key=words.count)[-1]
""",
    "longest": """
class EmptyTextError(Exception):
    pass

def longest(words):
    if len(words) == 0:
        raise EmptyTextError("nothing there")
    return sorted(words, key=len)[-1]
""",
    "generators": """
def sentences(text):
    return [s.strip() for s in text.replace("!", ".").replace("?", ".").split(".") if s.strip()]

def naturals(start=1):
    return iter(range(start, 1000))
""",
    "closures": """
def make_counter(start=0):
    numbers = iter(range(start, 10**6))
    return lambda: next(numbers)

def remember(function):
    def wrapper(argument):
        return function(argument)
    wrapper.hits = 0
    return wrapper
""",
    "roman": """
def roman(number):
    numeral = ""
    for value, letter in [(1000, "M"), (500, "D"), (100, "C"), (50, "L"), (10, "X"), (5, "V"), (1, "I")]:
        numeral += letter * (number // value)
        number %= value
    return numeral
""",
    "in_place": """
def drop_short(words, n):
    words = [word for word in words if len(word) >= n]

def merge(counts, more):
    for word in more:
        counts[word] = counts.get(word, 0) + more[word]

def copied(table):
    return table[:]
""",
    "random": """
def draw(words, n):
    return random.choices(words, k=n)

rolls = [random.randint(1, 6) for _ in range(10)]
"""}, blank=("why",), lost={
    "check_words": 0, "check_words_normalised": 0, "check_most_common": 0, "check_most_common_once": 0,
    "check_longest": 0, "check_generators": 0, "check_decorator": 0, "check_roman": 2, "check_in_place": 0,
    "check_copied": 0, "check_random": 0, "check_form": 0})

WRONG = Submission(edits={
    "words": """
def words(t):
    return t.lower()
""",
    "count": """
def count(words):
    return [(word, 1) for word in words]

def most_common(words):
    return count(words)[0]
""",
    "report": """
vocabulary = ["the", "cat"]
n_words = "11"
report = NAME + " says: 11 words"
""",
    "longest": """
def longest(words):
    return max(words, key=len)
""",
    "generators": """
def sentences(text):
    yield text

def naturals(start=1):
    yield from [1, 2]
""",
    "closures": """
n = 0
def make_counter(start=0):
    def counter():
        global n
        n += 1
        return n - 1
    return counter

remember = lambda function: function
""",
    "callbacks": """
def keep(words, wanted):
    return [w for w in words if wanted(w) and wanted(w)]

def chain(*functions):
    return functions[-1]
""",
    "roman": """
def roman(number):
    return 'I' * number if number < 4 else 1 / 0
""",
    "in_place": """
def drop_short(words, n):
    for w in words:
        if len(w) < n:
            words.remove(w)
    return words

def merge(counts, more):
    counts = {**counts, **more}

def copied(table):
    return table
""",
    "random": """
def draw(words, n):
    return words[:n]

rolls = [1] * 10
""",
    "talk": """
def show(counts):
    return '\\n'.join(f'{w}: {n}' for w, n in sorted(counts.items()))

def ask():
    return input('A number: ')
"""}, lost=ALL)

BROKEN = Submission(edits={
    "words": """
def words(text)
    return [normalise(w) for w in text.split()]
""",  # a colon is missing
    "report": """
vocabulary = {'the', 'cat', 'saw', 'dog', 'ran', 'a', 'slept'}
n_words = lenght(TEXT)
report = ''
""",
    "generators": """
def sentences(text):
    raise NotImplementedError
    yield

def naturals(start=1):
    return naturals(start)
""",
    "callbacks": """
print(1 / 0)

def keep(words, wanted):
    return [w for w in words if wanted(w)]
""",
    "random": "import numpy_random\n" + without_marks(RANDOM),
}, blank=("count", "application"), removed=("longest",), lost=(
    "check_words", "check_words_normalised", "check_count", "check_most_common", "check_most_common_once",
    "check_report", "check_longest", "check_generators", "check_callbacks", "check_random", "check_form"))

# Prints everywhere, plays with the checks (nbgrader puts them back), and leaves helpers and cells of all kinds.
MESSY = Submission(edits={
    "check_count": "assert True  # was: count",
    "check_roman": "4",
    "check_report": "# assert report",
    "helpers": """
TEXT = "the the"

def normalise(word):
    return word
""",
    "words": '''
import os, sys
print("starting", file=sys.stdout)
DEBUG = True

def log(*args):
    if DEBUG:
        print("DEBUG", *args)

def words(text):
    log(text)
    result = [normalise(word) for word in text.split()]
    log(result)
    return result

words("Try. this!")
''',
    "count": '''
def count(words, *, start=None):
    print(f"{len(words)=}")
    counts = dict(start or {})
    for w in words: counts[w] = counts.get(w, 0) + 1
    return counts

def most_common(words):
    global last
    last = count(words)
    return [w for w, n in last.items() if n == max(last.values())][0]
''',
    "roman": without_marks(ROMAN) + '\nroman(12)',
}, added={"helpers": """
x = 3
x
""", "check_words": """
result2 = words(TEXT)
result2
""", "look": """
!true
%who_ls str
""",
          "check_copied": """
from IPython.display import display
display(copied([[1]]))
"""}, blank=("why", "application"))

SUBMISSIONS = {"reference": Submission(), "stub": Submission(blank=ALL, lost=ALL), "another": ANOTHER, "partly": PARTLY,
               "wrong": WRONG, "broken": BROKEN, "messy": MESSY}

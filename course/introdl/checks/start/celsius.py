"""Task of unit 00: degrees Fahrenheit to Celsius; tried in the lesson, to see how checks and hints work."""

from introdl.checks.task import Task


def temperatures(rng):
    yield (212.0,)
    yield (32,)
    yield (-40.0,)
    for _ in range(3):
        yield (float(rng.uniform(-80, 400)),)


celsius = Task(
    "celsius",
    ("fahrenheit",),
    temperatures,
    oracle=lambda fahrenheit: 100 * (fahrenheit - 32) / (212 - 32),  # water freezes at 32 and boils at 212
    hints=(
        "Water freezes at 32 °F. Which number should your function give there?",
        "First take away the 32, so that freezing becomes 0. Then scale what is left by 5/9.",
        "return (fahrenheit - ...) * 5 / 9",
    ),
)


@celsius.mistake(
    "Python multiplies before it subtracts, so your function takes away 32 * 5 / 9. Put the subtraction in parentheses."
)
def no_parentheses(fahrenheit):
    return fahrenheit - 32 * 5 / 9


@celsius.mistake("This is the way from Celsius to Fahrenheit. Here the input is in Fahrenheit.")
def the_other_way(fahrenheit):
    return fahrenheit * 9 / 5 + 32


@celsius.mistake(
    "The fraction stands upside down: a step of one degree Fahrenheit is the smaller one, so scale by 5/9, not by 9/5."
)
def upside_down(fahrenheit):
    return (fahrenheit - 32) * 9 / 5


@celsius.mistake("The two scales also have different zeros: take away 32 before you scale.")
def zero_not_moved(fahrenheit):
    return fahrenheit * 5 / 9


@celsius.mistake("// rounds down to whole degrees. Divide with /.")
def whole_degrees(fahrenheit):
    return (fahrenheit - 32) * 5 // 9

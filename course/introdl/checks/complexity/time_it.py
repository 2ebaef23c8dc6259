"""Task of unit 21: measure a call as one should (time_it), with a clock that the check winds by hand."""

import numpy as np

from introdl.checks.task import BadAnswer, Task


class Clock:
    """A clock that only moves when something is done: each making and each call takes the seconds that it is told."""

    def __init__(self, making, calling):
        self.now, self.log = 100.0, []
        self.making, self.calling = list(making), list(calling)

    def read(self):
        return self.now

    def make(self):
        self.log.append("make")
        self.now += self.making[min(self.log.count("make"), len(self.making)) - 1]
        return f"data {self.log.count('make')}"

    def call(self, data):
        if not isinstance(data, str) or not data.startswith("data"):
            raise BadAnswer("call() must get what make_data() returned: call(make_data())")
        self.log.append("call")
        self.now += self.calling[min(self.log.count("call"), len(self.calling)) - 1]


def cases(rng):
    yield [1.0], [9.0, 2.0, 2.0, 2.0], 1, 3  # the first call is slow
    yield [0.5, 0.25], [4.0, 4.0, 1.0, 30.0, 2.0, 1.5], 1, 5  # one was disturbed: a median, not a mean
    for warm_up, repeats in ((2, 3), (0, 5), (3, 1), (1, 4)):
        making, calling = rng.integers(1, 9, 3), rng.integers(1, 40, 9) / 2
        yield making.astype(float).tolist(), calling.tolist(), warm_up, repeats


def by_hand(making, calling, warm_up, repeats):
    times = [calling[min(place, len(calling) - 1)] for place in range(warm_up, warm_up + repeats)]
    return float(np.median(times)), warm_up + repeats


def run(answer, making, calling, warm_up, repeats):
    clock = Clock(making, calling)
    seconds = answer(clock.call, clock.make, clock.read, warm_up, repeats)
    return seconds, clock.log.count("call")


time_it = Task(
    "time_it",
    ("making", "calling", "warm_up", "repeats"),
    cases,
    by_hand,
    run=run,
    hints=(
        "The data are made before the clock is read for the first time. The warm-up calls happen before, too, and are "
        "not measured.",
        "For each repeat: read the clock, call, read it again; keep the difference. In the end the median.",
        "times = []; for _ in range(repeats): start = clock(); call(data); times.append(clock() - start); return "
        "float(np.median(times))",
    ),
)


def _time(call, make_data, clock, warm_up, repeats, *, warm=True, made=False, value=np.median, first=False):
    """Measure with one thing done differently; the mistakes below say which."""
    data = make_data()
    times = []
    for _ in range(warm_up if warm else 0):
        start = clock()
        call(data)
        times += [clock() - start] if first else []
    for _ in range(repeats):
        start = clock()
        call(make_data() if made else data)
        times.append(clock() - start)
    return float(value(times))


@time_it.mistake("Making the data is part of your measurement. Make them before the clock is read.")
def data_made_inside(*args):
    return _time(*args, made=True)


@time_it.mistake("There is no warm-up: the first call, which is slow, counts like the others.")
def no_warm_up(*args):
    return _time(*args, warm=False)


@time_it.mistake("The warm-up calls were measured as well. Call, but do not keep their times.")
def warm_up_counted(*args):
    return _time(*args, first=True)


@time_it.mistake("You took the mean: one disturbed call pulls it up. Take the median.")
def mean_time(*args):
    return _time(*args, value=np.mean)




@time_it.mistake("You took the fastest call. Asked for is the median (a convention; both are used).")
def fastest(*args):
    return _time(*args, value=np.min)


@time_it.mistake("You took the slowest call. Asked for is the median.")
def slowest(*args):
    return _time(*args, value=np.max)


@time_it.mistake("You added the times up. Asked for is the median of single calls.")
def summed(*args):
    return _time(*args, value=np.sum)

"""Small idioms of checks in nbgrader courses: an answer, and checks that one Python process would let pass or fail.

These the engine has to judge as nbgrader does, without being told anything.
"""

from tests.parity.cells import Idiom

EVERYDAY = [
    Idiom("isgeneratorfunction", """
def f():
    yield 1
""", """
import inspect
assert inspect.isgeneratorfunction(f)
"""),
    Idiom("student reads callback.__name__", """
def deco(g):
    def w(*a):
        return g(*a)
    w.__name__ = g.__name__
    return w
""", """
@deco
def sq(x):
    return x*x
assert sq(3) == 9 and sq.__name__ == 'sq'
"""),
    Idiom("functools.wraps of callback", """
import functools
def deco(g):
    @functools.wraps(g)
    def w(*a):
        return g(*a)
    return w
""", """
@deco
def sq(x):
    return x*x
assert sq(3) == 9 and sq.__name__ == 'sq'
"""),
    Idiom("the arguments of an exception", """
def f(g):
    return g(1)
""", """
def broken(x):
    raise KeyError(x)
try:
    f(broken)
except KeyError as e:
    assert e.args == (1,)
else:
    assert 0
"""),
    Idiom("own exception's attributes", """
class E(Exception):
    def __init__(self, missing):
        super().__init__(f'{missing} missing')
        self.missing = missing
def f():
    raise E(3)
""", """
try:
    f()
except E as e:
    assert e.missing == 3 and str(e) == '3 missing'
"""),
    Idiom("library's exception class", """
@dataclasses.dataclass(frozen=True)
class P:
    x: int
""", """
p = P(1)
try:
    p.x = 2
except dataclasses.FrozenInstanceError:
    pass
else:
    assert 0
""", given="import dataclasses"),
    Idiom("random.seed in check", """
def draw():
    return random.random()
""", """
random.seed(3)
a = draw()
random.seed(3)
assert a == draw() == (random.seed(3), random.random())[1]
""", given="import random"),
    Idiom("np.random.seed in check", """
def draw():
    return np.random.normal(size=3)
""", """
np.random.seed(3)
a = draw()
np.random.seed(3)
assert (a == np.random.normal(size=3)).all()
""", given="import numpy as np"),
    Idiom("torch.manual_seed in check", """
def draw():
    return torch.randn(3)
""", """
torch.manual_seed(3)
a = draw()
torch.manual_seed(3)
assert torch.equal(a, torch.randn(3))
""", given="import torch"),
    Idiom("rng argument goes on", """
def draw(rng):
    return rng.random()
""", """
rng = np.random.default_rng(1)
assert draw(rng) != draw(rng)
""", given="import numpy as np"),
    Idiom("what is printed is caught by the check", """
def show():
    print('hello')
""", """
import io, contextlib
out = io.StringIO()
with contextlib.redirect_stdout(out):
    show()
assert out.getvalue() == 'hello\\n'
"""),
    Idiom("returns the argument itself", """
def f(x):
    x.append(1)
    return x
""", """
a = []
assert f(a) is a
"""),
    Idiom("returns the argument, not a copy, which is wrong", """
def copied(t):
    return t
""", """
t = [[1]]
assert copied(t) is not t
""", points=0, right="""
def copied(t):
    return [list(row) for row in t]
"""),
    Idiom("shallow copy, which is wrong", """
def copied(t):
    return t[:]
""", """
t = [[1]]
u = copied(t)
u[0].append(2)
assert t == [[1]]
""", points=0, right="""
def copied(t):
    return [list(row) for row in t]
"""),
    Idiom("array returned itself", """
def f(x):
    x += 1
    return x
""", """
a = np.zeros(2)
assert f(a) is a and a[0] == 1
""", given="import numpy as np"),
    Idiom("tensor changed in place", """
def f(x):
    x.mul_(2)
""", """
t = torch.ones(2)
f(t)
assert t.tolist() == [2, 2]
""", given="import torch"),
    Idiom("keyword argument changed in place", """
def f(*, xs):
    xs.append(1)
""", """
a = []
f(xs=a)
assert a == [1]
"""),
    Idiom("set changed in place", """
def f(s):
    s.add(1)
""", """
a = set()
f(a)
assert a == {1}
"""),
    Idiom("isinstance of instructor's base class", """
class C(Base):
    pass
""", "assert isinstance(C(), Base) and C().hi() == 'hi'", given="""
class Base:
    def hi(self):
        return 'hi'
"""),
    Idiom("issubclass of instructor's base class", """
class C(Base):
    pass
""", "assert issubclass(C, Base)", given="""
class Base:
    pass
"""),
    Idiom("hash in a set", """
class V:
    def __init__(self, x):
        self.x = x
    def __eq__(self, o):
        return self.x == o.x
    def __hash__(self):
        return hash(self.x)
""", "assert len({V(1), V(1), V(2)}) == 2 and {V(1): 'a'}[V(1)] == 'a'"),
    Idiom("state goes from check to check", """
class A:
    n = 0
    def add(self):
        self.n += 1
a = A()
""", """
a.add()
assert a.n == 1
""", "assert a.n == 1"),
    Idiom("a name in globals()", "x = 3", "assert 'x' in globals() and 'y' not in globals()"),
    Idiom("issubclass(Net, nn.Module)", """
class Net(nn.Module):
    pass
""", "assert issubclass(Net, nn.Module)", given="""
import torch
from torch import nn
"""),
    Idiom("a partial function", """
from functools import partial
add = partial(lambda a, b: a + b, 1)
""", "assert callable(add) and add(2) == 3"),
    Idiom("an iterator at its end", """
def g():
    yield 1
""", """
it = g()
next(it)
try:
    next(it)
except StopIteration:
    pass
else:
    assert 0
"""),
    Idiom("defaultdict, deque, OrderedDict", """
from collections import defaultdict, deque
def f():
    return defaultdict(int, a=1), deque([1, 2])
""", """
d, q = f()
assert d == {'a': 1} and list(q) == [1, 2] and q.popleft() == 1 and len(q) == 1
"""),
    Idiom("ordering and total_ordering", """
import functools
@functools.total_ordering
class V:
    def __init__(self, x):
        self.x = x
    def __eq__(self, o):
        return self.x == o.x
    def __lt__(self, o):
        return self.x < o.x
""", "assert V(1) < V(2) and V(2) >= V(1) and max(V(1), V(3), V(2)).x == 3 and sorted([V(2), V(1)])[0].x == 1"),
    Idiom("an exception of many arguments", """
def f():
    return b'\\xff'.decode('utf-8')
""", """
try:
    f()
except UnicodeDecodeError:
    pass
else:
    assert 0
"""),
    Idiom("a recursion 900 deep", """
def f(n):
    return 0 if n == 0 else 1 + f(n - 1)
""", "assert f(900) == 900"),
    Idiom("answer uses a name made by an earlier check", """
def f(x):
    return x
""", """
data = [3, 1, 2]
assert f(data) == data
""", "assert sorted(data) == [1, 2, 3]"),
]

"""Small idioms of checks in nbgrader courses: an answer, and checks that one Python process would let pass or fail.

These reach deep into the student's objects: the engine judges them as nbgrader does, or says that it cannot.
"""

from tests.parity.cells import Idiom

DEEP = [
    Idiom("array in a closure changed", """
class C:
    def __init__(self, xs):
        self.xs = xs
    def add(self):
        self.xs.append(1)
""", """
a = []
c = C(a)
c.add()
assert a == [1]
"""),
    Idiom("list attribute changed by check", """
class C:
    def __init__(self):
        self.items = []
""", """
c = C()
c.items.append(3)
assert c.items == [3]
"""),
    Idiom("dict global changed by check", """
cache = {}
def f(k):
    return cache.get(k)
""", """
cache['a'] = 1
assert f('a') == 1
"""),
    Idiom("names in dir() and vars()", "x = 3", "assert 'x' in dir() and 'x' in vars()"),
    Idiom("inspect.signature", """
def f(a, b=2):
    return a
""", """
import inspect
assert list(inspect.signature(f).parameters) == ['a', 'b']
"""),
    Idiom("inspect.getsource", """
def f(a):
    return sum(a)
""", """
import inspect
assert 'sum(' in inspect.getsource(f)
"""),
    Idiom("deepcopy before a change", """
class C:
    def __init__(self):
        self.x = 1
c = C()
""", """
import copy
d = copy.deepcopy(c)
c.x = 2
assert d.x == 1
"""),
    Idiom("subclass of the student's class", """
class S:
    def hi(self):
        return self.name()
    def name(self):
        return 's'
""", """
class T(S):
    def name(self):
        return 't'
assert T().hi() == 't'
"""),
    Idiom("instance of the check's class", """
def total(shapes):
    return sum(s.area() for s in shapes)
""", """
class Dot:
    def area(self):
        return 1
assert total([Dot(), Dot()]) == 2
"""),
    Idiom("is_dataclass / asdict", """
@dataclasses.dataclass
class P:
    x: int
""", "assert dataclasses.is_dataclass(P) and dataclasses.asdict(P(1)) == {'x': 1}", given="import dataclasses"),
    Idiom("pickle", """
class C:
    def __init__(self):
        self.x = 1
""", """
import pickle
assert pickle.loads(pickle.dumps(C())).x == 1
"""),
    Idiom("patch builtins.input", """
def ask():
    return input('?')
""", """
from unittest.mock import patch
with patch('builtins.input', return_value='7'):
    assert ask() == '7'
"""),
    Idiom("patch __main__.f", """
def cost(x):
    return price(x) + 1
""", """
from unittest.mock import patch
with patch('__main__.price', return_value=9):
    assert cost(1) == 10
""", given="""
def price(x):
    return x
"""),
    Idiom("weights changed in place", "net = nn.Linear(2, 1)", """
with torch.no_grad():
    net.weight.fill_(3.0)
    net.bias.zero_()
assert net(torch.ones(1, 2)).item() == 6
""", given="""
import torch
from torch import nn
"""),
    Idiom("backward through the net", "net = nn.Linear(2, 1)", """
net(torch.ones(1, 2)).sum().backward()
assert net.weight.grad is not None and net.weight.grad.sum() == 2
""", given="""
import torch
from torch import nn
"""),
    Idiom("autograd.grad of our callback", """
def grad(f, x):
    x = x.clone().requires_grad_()
    return torch.autograd.grad(f(x), x)[0]
""", "assert grad(lambda x: (x ** 2).sum(), torch.tensor([3.0])).item() == 6", given="import torch"),
    Idiom("requires_grad set on our tensor, which is wrong", """
def f(x):
    x.requires_grad_()
""", """
t = torch.ones(1)
f(t)
assert not t.requires_grad
""", given="import torch", points=0, right="""
def f(x):
    return x.clone().requires_grad_()
"""),
    Idiom("our module given to the student", """
def count(m):
    return sum(p.numel() for p in m.parameters())
""", "assert count(nn.Linear(3, 2)) == 8", given="""
import torch
from torch import nn
"""),
    Idiom("our axes given to the student", """
def plot(ax):
    ax.set_title('t')
""", """
fig, ax = plt.subplots()
plot(ax)
assert ax.get_title() == 't'
""", given="""
import matplotlib
matplotlib.use('agg')
import matplotlib.pyplot as plt
"""),
    Idiom("view shares memory", """
def flat(X):
    return X.reshape(-1)
""", """
A = np.zeros((2, 2))
v = flat(A)
v[0] = 7
assert A[0, 0] == 7
""", given="import numpy as np"),
    Idiom("a map object", """
def f():
    return map(str, range(3))
""", "assert list(f()) == ['0', '1', '2'] and isinstance(f(), map)"),
    Idiom("Counter returned", """
from collections import Counter
def f():
    return Counter('aab')
""", """
from collections import Counter
assert f() == {'a': 2, 'b': 1} and isinstance(f(), Counter) and f().most_common(1) == [('a', 2)]
"""),
    Idiom("Fraction, Decimal, datetime, Path", """
from fractions import Fraction
from datetime import date
from pathlib import Path
from decimal import Decimal
half, day, p, d = Fraction(1, 2), date(2024, 1, 2), Path('a/b'), Decimal('0.1')
""", """
from fractions import Fraction
from datetime import date
from decimal import Decimal
assert half == Fraction(1, 2) and half + 1 == 1.5 and round(half * 3) == 2
assert day == date(2024, 1, 2) and p.name == 'b' and d == Decimal('0.1')
"""),
    Idiom("conversions by methods", """
class M:
    def __float__(self):
        return 1.5
    def __int__(self):
        return 2
    def __index__(self):
        return 3
    def __round__(self, n=None):
        return 4
    def __bytes__(self):
        return b'x'
    def __format__(self, s):
        return 'fmt' + s
    def __reversed__(self):
        return iter([2, 1])
    def __call__(self, x):
        return x
    def __matmul__(self, o):
        return 7
    def __lshift__(self, o):
        return 8
    def __divmod__(self, o):
        return (1, 2)
""", """
m = M()
assert float(m) == 1.5 and int(m) == 2 and [0, 0, 0, 9][m] == 9 and round(m) == 4 and bytes(m) == b'x'
assert f'{m:q}' == 'fmtq' and list(reversed(m)) == [2, 1]
assert m(1) == 1 and m << 1 == 8 and divmod(m, 2) == (1, 2)
"""),
    Idiom("compares with plain data through __eq__", """
class Money:
    def __init__(self, x):
        self.x = x
    def __eq__(self, o):
        return self.x == (o.x if isinstance(o, Money) else o)
""", "assert Money(3) == 3 and not Money(3) == 4 and Money(2) != 3"),
    Idiom("operator giving plain data", """
class V:
    def __init__(self, *x):
        self.x = x
    def __mul__(self, o):
        return sum(a * b for a, b in zip(self.x, o.x)) if isinstance(o, V) else V(*(a * o for a in self.x))
    def __mod__(self, n):
        return 1
""", "assert V(1, 2) * V(3, 4) == 11 and V(1) % 2 == 1"),
    Idiom("lt with plain data", """
class T:
    def __init__(self, x):
        self.x = x
    def __lt__(self, o):
        return self.x < o
""", "assert T(1) < 2 and not T(3) < 2"),
    Idiom("with statement's value and errors", """
class M:
    def __enter__(self):
        return 5
    def __exit__(self, kind, e, tb):
        self.kind = kind
        return kind is ValueError
""", """
m = M()
with m as v:
    assert v == 5
    raise ValueError
assert m.kind is ValueError
"""),
    Idiom("warnings expected by the check", """
import warnings
def f():
    warnings.warn('old', DeprecationWarning)
""", """
import warnings
with warnings.catch_warnings(record=True) as w:
    warnings.simplefilter('always')
    f()
assert len(w) == 1 and issubclass(w[0].category, DeprecationWarning)
"""),
    Idiom("the cause of an exception", """
def f():
    try:
        1 / 0
    except ZeroDivisionError as e:
        raise ValueError('bad') from e
""", """
try:
    f()
except ValueError as e:
    assert isinstance(e.__cause__, ZeroDivisionError)
else:
    assert 0
"""),
    Idiom("async function", """
async def f():
    return 3
""", """
import asyncio, inspect
assert inspect.iscoroutinefunction(f)
"""),
    Idiom("a file that the student's function writes", """
def save(name):
    with open(name, 'w') as f:
        f.write('hi')
""", """
save('out.txt')
assert open('out.txt').read() == 'hi'
"""),
    Idiom("the working folder", """
def f():
    return os.getcwd()
""", "assert f() == os.getcwd()", given="import os"),
    Idiom("issubclass of a library's class", """
class C(collections.OrderedDict):
    pass
""", """
assert issubclass(C, collections.OrderedDict)
assert isinstance(C(), collections.OrderedDict)
""", given="import collections"),
    Idiom("type(x) is C", """
class C:
    pass
def make():
    return C()
""", "assert type(make()) is C"),
    Idiom("type(x).__name__", """
class C:
    pass
""", "assert type(C()).__name__ == 'C' and C().__class__ is C"),
    Idiom("isinstance(ax, Axes)", """
fig, ax = plt.subplots()
ax.plot([1, 2])
""", """
assert isinstance(ax, matplotlib.axes.Axes)
assert isinstance(ax.lines[0], matplotlib.lines.Line2D)
assert ax.lines[0].get_ydata().tolist() == [1, 2]
""", given="""
import matplotlib.pyplot as plt
import matplotlib
"""),
    Idiom("a named tuple", """
from collections import namedtuple
Size = namedtuple("Size", "width height")
def f():
    return Size(1, 2)
""", """
width, height = f()
assert (width, height) == (1, 2) == f() and f().width == 1 and f()[1] == 2
assert isinstance(f(), tuple)
"""),
]

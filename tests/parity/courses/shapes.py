"""Shapes and accounts: object-oriented programming, tested with unittest's and pytest's asserts.

Students write classes: with operators, attributes, properties, iteration, a base class of the instructor's. The tests
make objects of them, set their attributes, go on with objects of earlier tests and pass objects of both sides.
"""

from tests.parity.cells import check, code, course, locked, manual_code, manual_text, solution, text

HELPERS = '''
import math


class Shape:
    """What has an area. Subclasses define area()."""

    sides = None

    def __init__(self, name):
        self.name = name

    def area(self):
        raise NotImplementedError(f"{type(self).__name__} has no area yet")

    def describe(self):
        return f"{self.name} with an area of {self.area():.2f}"

    def __lt__(self, other):
        return self.area() < other.area()


def price(area, per_unit=2.0):
    """Return what paint for an area costs."""
    return area * per_unit


SIZES = [(1, 2), (3, 4), (5, 1)]
'''
SHAPES = '''
# Circle(radius) and Rectangle(width, height): Shapes named "circle" and "rectangle"
### BEGIN SOLUTION
class Circle(Shape):
    def __init__(self, radius):
        super().__init__("circle")
        self.radius = radius

    def area(self):
        return math.pi * self.radius ** 2


class Rectangle(Shape):
    sides = 4

    def __init__(self, width, height):
        super().__init__("rectangle")
        self.width, self.height = width, height

    def area(self):
        return self.width * self.height
### END SOLUTION
'''
TOTALS = '''
def total_area(shapes):
    """Return the sum of the shapes' areas."""
    ### BEGIN SOLUTION
    return sum(shape.area() for shape in shapes)
    ### END SOLUTION


def largest(shapes):
    """Return the shape with the largest area: the object itself."""
    ### BEGIN SOLUTION
    return max(shapes, key=lambda shape: shape.area())
    ### END SOLUTION


def rename(shape, name):
    """Give the shape another name."""
    ### BEGIN SOLUTION
    shape.name = name
    ### END SOLUTION


def paint_cost(shapes):
    """Return the sum of the prices of the shapes' areas; use price."""
    ### BEGIN SOLUTION
    return sum(price(shape.area()) for shape in shapes)
    ### END SOLUTION
'''
VECTOR = '''
class Vector:
    """Numbers: v + w, v - w, 2 * v, v * 2, -v, abs(v), v == w, v[i], len(v), iteration, `in`, repr, hash."""
    ### BEGIN SOLUTION
    def __init__(self, *numbers):
        self.numbers = tuple(numbers)

    def __add__(self, other):
        if not isinstance(other, Vector):
            return NotImplemented
        return Vector(*(a + b for a, b in zip(self, other)))

    def __sub__(self, other):
        return self + -other

    def __mul__(self, number):
        return Vector(*(number * a for a in self))

    __rmul__ = __mul__

    def __neg__(self):
        return self * -1

    def __abs__(self):
        return sum(a * a for a in self) ** 0.5

    def __eq__(self, other):
        return isinstance(other, Vector) and self.numbers == other.numbers

    def __hash__(self):
        return hash(self.numbers)

    def __getitem__(self, i):
        return self.numbers[i]

    def __len__(self):
        return len(self.numbers)

    def __iter__(self):
        return iter(self.numbers)

    def __repr__(self):
        return f"Vector({', '.join(map(repr, self.numbers))})"
    ### END SOLUTION
'''
ACCOUNT = '''
# Overdraft: a kind of Exception with the missing amount as `missing`. Account(owner, balance=0): deposit, withdraw
# (returns the new balance; raises Overdraft), `balance` that cannot be set below 0, `Account.opened` counts accounts,
# Account.joint(*owners), `with account.locked():` in which withdraw raises a RuntimeError.
### BEGIN SOLUTION
import contextlib


class Overdraft(Exception):
    def __init__(self, missing):
        super().__init__(f"{missing} is missing")
        self.missing = missing


class Account:
    opened = 0

    def __init__(self, owner, balance=0):
        self.owner, self._balance, self._locked = owner, balance, False
        Account.opened += 1

    @property
    def balance(self):
        """What there is."""
        return self._balance

    @balance.setter
    def balance(self, value):
        if value < 0:
            raise ValueError("a balance is never negative")
        self._balance = value

    @classmethod
    def joint(cls, *owners):
        return cls(" and ".join(owners))

    @staticmethod
    def interest(balance, rate):
        return balance * rate / 100

    def deposit(self, amount):
        self.balance += amount
        return self.balance

    def withdraw(self, amount):
        if self._locked:
            raise RuntimeError("locked")
        if amount > self.balance:
            raise Overdraft(amount - self.balance)
        self.balance -= amount
        return self.balance

    @contextlib.contextmanager
    def locked(self):
        self._locked = True
        try:
            yield self
        finally:
            self._locked = False


savings = Account("Ada", 100)
### END SOLUTION
'''
ITERATORS = '''
class Countdown:
    """An iterator: n, n - 1, ... 1."""
    ### BEGIN SOLUTION
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return self

    def __next__(self):
        if self.n <= 0:
            raise StopIteration
        self.n -= 1
        return self.n + 1
    ### END SOLUTION


class Deck:
    """A deck of cards: iterating it again starts again."""
    ### BEGIN SOLUTION
    def __init__(self, cards):
        self.cards = list(cards)

    def __iter__(self):
        yield from self.cards

    def __contains__(self, card):
        return card in self.cards
    ### END SOLUTION
'''
CHAIN = '''
# Node(value, next=None), and reverse(head), which turns the chain around and returns its new head
### BEGIN SOLUTION
class Node:
    def __init__(self, value, next=None):
        self.value, self.next = value, next


def reverse(head):
    done = None
    while head is not None:
        head.next, done, head = done, head, head.next
    return done
### END SOLUTION
'''
RECORD = '''
# Point: a frozen dataclass with x: float, y: float = 0.0; Colour: an enum with RED and BLUE; Size: a named tuple
### BEGIN SOLUTION
from collections import namedtuple
from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True)
class Point:
    x: float
    y: float = 0.0

    def moved(self, dx, dy=0):
        return Point(self.x + dx, self.y + dy)


Colour = Enum("Colour", ["RED", "BLUE"])
Size = namedtuple("Size", "width height")
sizes = [Size(*size) for size in SIZES]
### END SOLUTION
'''
STACK = '''
class Stack:
    """push, pop (IndexError where it is empty), peek and len; `on_push(item)` does nothing: subclasses may."""
    ### BEGIN SOLUTION
    def __init__(self):
        self._items = []

    def push(self, item):
        self.on_push(item)
        self._items.append(item)
        return self

    def on_push(self, item):
        pass

    def pop(self):
        return self._items.pop()

    def peek(self):
        return self._items[-1]

    def __len__(self):
        return len(self._items)
    ### END SOLUTION
'''

CHECKS = {"shapes": (2, '''
circle, rectangle = Circle(2), Rectangle(3, 4)
test.assertIsInstance(circle, Shape)
test.assertTrue(issubclass(Rectangle, Shape))
test.assertAlmostEqual(circle.area(), 12.566370614359172)
test.assertEqual(rectangle.area(), 12, "width times height")
test.assertEqual((rectangle.width, rectangle.sides, circle.sides), (3, 4, None))
rectangle.width = 5
test.assertEqual(rectangle.area(), 20)
'''), "shapes_inherit": (2, '''
"""describe, and how shapes compare, are the base class's"""
test.assertEqual(rectangle.describe(), "rectangle with an area of 20.00")
assert Circle(1).describe() == "circle with an area of 3.14"
assert Circle(1) < Rectangle(2, 2) and not Rectangle(9, 9) < Circle(1)
assert [shape.name for shape in sorted([Rectangle(2, 2), Circle(1)])] == ["circle", "rectangle"]
assert "area" in vars(Circle) and Circle.describe is Shape.describe
'''), "totals": (2, '''
class Dot(Shape):
    """A shape of the test's own."""
    def area(self):
        return 1

shapes = [Rectangle(*size) for size in SIZES] + [Dot("dot")]
test.assertEqual(total_area(shapes), 2 + 12 + 5 + 1)
test.assertEqual(total_area([]), 0)
assert largest(shapes) is shapes[1]
assert largest([Dot("a")]).name == "a"
dot = Dot("dot")
rename(dot, "spot"), rename(shapes[0], "square")
assert dot.name == "spot" and shapes[0].name == "square"
with test.assertRaises(NotImplementedError):
    total_area([Shape("nothing")])
'''), "paint_cost": (1, '''
original, areas = price, []
def price(area, per_unit=2.0):
    areas.append(area)
    return 10
assert paint_cost(shapes) == 40
price = original
assert sorted(areas) == [1, 2, 5, 12]
assert paint_cost(shapes[:2]) == 28
'''), "vector": (3, '''
v, w = Vector(1, 2), Vector(3, 5)
assert v + w == Vector(4, 7)
assert v - w == Vector(-2, -3) and -v == Vector(-1, -2)
assert 2 * v == v * 2 == Vector(2, 4)
assert v != w and v == Vector(1, 2) and v != (1, 2) and not v == "Vector(1, 2)"
assert v[1] == 2 and len(v) == 2 and list(w) == [3, 5]
assert 5 in w and 9 not in w
assert abs(Vector(3, 4)) == 5
v += w
assert v == Vector(4, 7)
assert isinstance(v, Vector) and not isinstance(v, tuple)
a, b = w
assert (a, b) == (3, 5)
'''), "vector_text": (2, '''
assert repr(Vector(1, 2.5)) == "Vector(1, 2.5)"
assert f"{Vector(1)}" == "Vector(1)" == str(Vector(1))
assert f"{Vector(1)!r:>10}" == " Vector(1)"
assert len({Vector(1, 2), Vector(1, 2), Vector(2, 1)}) == 2
assert {Vector(1): "one"}[Vector(1)] == "one"
assert sum([Vector(1), Vector(2)], Vector(0)) == Vector(3)
with pytest.raises(TypeError):
    Vector(1) + 1
with pytest.raises(IndexError):
    Vector(1)[3]
'''), "account": (2, '''
account = Account("Alan", 50)
assert account.owner == "Alan" and account.balance == 50
assert account.deposit(25) == 75
account.balance = 80
assert account.balance == 80
with pytest.raises(ValueError, match="negative|below"):
    account.balance = -1
assert hasattr(account, "withdraw") and not hasattr(account, "pin")
assert Account.interest(200, 5) == 10
joint = Account.joint("Ada", "Alan")
assert type(joint) is Account and joint.owner == "Ada and Alan" and joint.balance == 0
assert isinstance(Account.balance, property)
'''), "account_errors": (2, '''
"""goes on with the account of the test above"""
assert account.withdraw(30) == 50
with pytest.raises(Overdraft) as caught:
    account.withdraw(60)
assert caught.value.missing == 10 and "10" in str(caught.value)
assert not issubclass(Overdraft, ValueError)
with test.assertRaises(Overdraft):
    Account("nobody").withdraw(1)
with account.locked():
    with pytest.raises(RuntimeError):
        account.withdraw(1)
assert account.withdraw(50) == 0 and account.balance == 0
'''), "account_count": (1, '''
before = Account.opened
accounts = [Account(name) for name in "abc"]
assert Account.opened == before + 3
savings.deposit(11)
setattr(savings, "owner", "Grace")
'''), "account_state": (1, '''
"""savings has what the test above paid in"""
assert savings.balance == 111
assert getattr(savings, "owner") == "Grace"
'''), "iterators": (3, '''
countdown = Countdown(3)
assert iter(countdown) is countdown
assert next(countdown) == 3
assert list(countdown) == [2, 1] and list(countdown) == []
with pytest.raises(StopIteration):
    next(countdown)
assert next(Countdown(0), "none") == "none"
deck = Deck(["ace", "king"])
assert [card for card in deck] == ["ace", "king"] == list(deck)
assert "ace" in deck and "queen" not in deck
assert inspect.isgenerator(iter(deck)) or iter(deck) is not deck
assert max(Countdown(4)) == 4 and sum(Countdown(4)) == 10 and dict(enumerate(Deck("xy"))) == {0: "x", 1: "y"}
first, *rest = Deck("abc")
assert rest == ["b", "c"]
'''), "chain": (3, '''
def values(head):
    while head is not None:
        yield head.value
        head = head.next

chain = Node(1, Node(2, Node(3)))
assert chain.next.next.value == 3 and chain.next.next.next is None
last = chain.next.next
turned = reverse(chain)
assert list(values(turned)) == [3, 2, 1]
assert turned is last and chain.next is None, "the same nodes, in another order"
assert reverse(None) is None
turned.next = Node("new")
assert list(values(turned)) == [3, "new"]
### BEGIN HIDDEN TESTS
long = None
for n in range(50):
    long = Node(n, long)
assert list(values(reverse(long))) == list(range(50))
### END HIDDEN TESTS
'''), "record": (3, '''
p = Point(1.0)
assert (p.x, p.y) == (1, 0) and p == Point(1, 0) and p.moved(2, 1) == Point(3, 1) and p != Point(2)
with pytest.raises(AttributeError):
    p.x = 3
assert p.x == 1
assert Colour.RED is Colour["RED"] and Colour.RED != Colour.BLUE and [c.name for c in Colour] == ["RED", "BLUE"]
assert sizes[0] == (1, 2) and sizes[1].height == 4 and isinstance(sizes[0], tuple)
'''), "dataclass": (1, '''
"""Point is a dataclass: not a class that looks like one"""
import dataclasses
assert dataclasses.is_dataclass(Point) and dataclasses.asdict(Point(1.0)) == {"x": 1.0, "y": 0.0}
assert {field.name for field in dataclasses.fields(Point)} == {"x", "y"}
with pytest.raises(dataclasses.FrozenInstanceError):
    Point(1.0).x = 3
'''), "stack": (4, '''
"""a point each for pushing, order, errors and a subclass; all together"""
points = 0.0
stack = Stack()
points += len(stack) == 0 and stack.push(1).push("two") is stack and len(stack) == 2
points += stack.peek() == "two" and stack.pop() == "two" and stack.pop() == 1
try:
    stack.pop()
except IndexError:
    points += 1
### BEGIN HIDDEN TESTS
try:
    stack.push(None)
    points += stack.peek() is None
except Exception as error:
    print("push(None):", error)
### END HIDDEN TESTS
points / 1
'''), "stack_subclass": (2, '''
"""a subclass of the student's class; a point for its method, which the student's code calls, and one for the rest"""
class Loud(Stack):
    def __init__(self, log):
        super().__init__()
        self.log = log

    def on_push(self, item):
        self.log.append(item)

log = []
loud = Loud(log)
loud.push(1).push(2)
points = int(log == [1, 2])
points += loud.pop() == 2 and len(loud) == 1 and isinstance(loud, Stack)
points
'''), "pickle": (1, '''
"""a point survives being written to a file and read back"""
import copy
import pickle
assert pickle.loads(pickle.dumps(Point(1.0, 2.0))) == Point(1.0, 2.0)
assert copy.deepcopy(savings).owner == savings.owner
''')}
IN_PROCESS = {  # what these do to the student's objects can only be done in the student's process
    "check_shapes_inherit": "looks into the student's class",
    "check_vector": "multiplies a number by the student's object",
    "check_account": "compares the type of the student's object",
    "check_record": "wants the student's very tuples",
    "check_totals": "hands objects of the test's own class to the student's functions",
    "check_paint_cost": "goes on with these objects",
    "check_dataclass": "lets the library look into the student's class",
    "check_pickle": "pickles the student's objects",
    "check_stack_subclass": "derives a class from the student's",
}
NEEDS = ("check_pickle", "check_stack_subclass")  # for these there is no other way


def tests(*names):
    """Return the check cells of these names."""
    return [check(f"check_{name}", *CHECKS[name]) for name in names]


def source():
    """Return the source notebook."""
    return course(
        text("title", "# Shapes and accounts"),
        locked("helpers", HELPERS),
        locked("testing", "import inspect\nimport unittest\n\nimport pytest\n\ntest = unittest.TestCase()"),
        solution("shapes", SHAPES), *tests("shapes", "shapes_inherit"),
        solution("totals", TOTALS), *tests("totals", "paint_cost"),
        code("rooms", "rooms = [Rectangle(4, 5), Rectangle(2, 2.5)]  # change these\ntotal_area(rooms)"),
        manual_code("own_shape", 3, "class Square(Rectangle):\n    def __init__(self, side):\n"
                                    "        super().__init__(side, side)\n\n\nSquare(2).describe()"),
        solution("vector", VECTOR), *tests("vector", "vector_text"),
        solution("account", ACCOUNT), *tests("account", "account_errors", "account_count"),
        manual_text("property", 1, "Because `balance` must never be negative, whoever sets it."),
        *tests("account_state"),
        solution("iterators", ITERATORS), *tests("iterators"),
        solution("chain", CHAIN), *tests("chain"),
        solution("record", RECORD), *tests("record", "dataclass", "pickle"),
        solution("stack", STACK), *tests("stack", "stack_subclass"))

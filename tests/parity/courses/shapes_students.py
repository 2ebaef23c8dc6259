"""What students hand in for the course of shapes and accounts; cells not named hold the instructor's answer."""

from tests.parity.cells import ALL, Submission, without_marks
from tests.parity.courses.shapes import ACCOUNT, RECORD, VECTOR

ANOTHER = Submission(edits={
    "shapes": """
from math import pi

class _Named(Shape):
    def __init__(self):
        Shape.__init__(self, type(self).__name__.lower())

class Circle(_Named):
    def __init__(self, radius):
        _Named.__init__(self)
        self.radius = radius
    area = lambda self: pi * self.radius * self.radius

class Rectangle(_Named):
    sides = 4
    def __init__(self, width, height):
        _Named.__init__(self)
        self.__dict__.update(width=width, height=height)
    def area(self):
        return self.width * self.height
    def __repr__(self):
        return f"<{self.width} x {self.height}>"
""",
    "totals": """
def total_area(shapes):
    total = 0
    for s in shapes:
        total = total + s.area()
    return total

largest = max

def rename(shape, name):
    setattr(shape, "name", name)

paint_cost = lambda shapes: sum(map(price, [s.area() for s in shapes]))
""",
    "rooms": """
rooms = [Rectangle(1, 1)]
rooms.append(Circle(3))
print(total_area(rooms))
sorted(rooms)
""",
    "vector": """
import operator

class Vector(list):
    def __init__(self, *numbers):
        super().__init__(numbers)
    def _each(self, f, other):
        return Vector(*map(f, self, other))
    def __add__(self, other):
        return self._each(operator.add, other)
    __iadd__ = __add__
    def __sub__(self, other):
        return self._each(operator.sub, other)
    def __mul__(self, k):
        return Vector(*[k * x for x in self])
    __rmul__ = __mul__
    def __neg__(self):
        return -1 * self
    def __abs__(self):
        return sum(x ** 2 for x in self) ** .5
    def __eq__(self, other):
        return type(other) is Vector and list(self) == list(other)
    def __ne__(self, other):
        return not self == other
    def __hash__(self):
        return hash(tuple(self))
    def __repr__(self):
        return "Vector" + repr(tuple(self)).replace(",)", ")")
""",
    "account": without_marks(ACCOUNT).replace(
        "    @contextlib.contextmanager\n    def locked(self):\n        self._locked = True\n        try:\n"
        "            yield self\n        finally:\n            self._locked = False\n", """
    def locked(self):
        account = self

        class Lock:
            def __enter__(self):
                account._locked = True

            def __exit__(self, kind, error, trace):
                account._locked = False
                return False
        return Lock()
"""),
    "iterators": """
def Countdown(n):
    while n > 0:
        yield n
        n -= 1

class Deck(tuple):
    pass
""",
    "chain": """
class Node:
    __slots__ = ("value", "next")
    def __init__(self, value, next=None):
        self.value = value
        self.next = next

def reverse(head, done=None):
    if head is None:
        return done
    rest, head.next = head.next, done
    return reverse(rest, head)
""",
    "record": """
import dataclasses, enum, typing

@dataclasses.dataclass(frozen=True, order=True)
class Point:
    x: float
    y: float = 0.0
    def moved(self, dx, dy=0):
        return dataclasses.replace(self, x=self.x + dx, y=self.y + dy)

class Colour(enum.Enum):
    RED = "r"
    BLUE = "b"

class Size(typing.NamedTuple):
    width: int
    height: int

sizes = tuple(Size(w, h) for w, h in SIZES)
""",
    "stack": """
from collections import deque

class Stack(deque):
    def push(self, item):
        self.on_push(item)
        self.append(item)
        return self
    def on_push(self, item):
        return None
    def peek(self):
        return self[-1]
""",
}, added={"shapes": "Circle(1) < Circle(2), Rectangle(1, 2)", "check_stack": """
s = Stack()
s.push(3)
s.pop()
"""},
    blank=("own_shape",))

PARTLY = Submission(edits={
    "shapes": """
class Circle(Shape):
    def __init__(self, radius):
        self.radius = radius
    def area(self):
        return math.pi * self.radius ** 2

class Rectangle(Shape):
    sides = 4
    def __init__(self, width, height):
        self.width = width
        self.height = height
    def area(self):
        return self.width * self.height
""",
    "totals": """
import copy

def total_area(shapes):
    return sum(shape.area() for shape in shapes)

def largest(shapes):
    return copy.copy(sorted(shapes)[-1])

def rename(shape, name):
    shape.name = name

def paint_cost(shapes):
    return 2.0 * total_area(shapes)
""",
    "vector": without_marks(VECTOR).replace(
        "    __rmul__ = __mul__\n", "").replace("return isinstance(other, Vector) and", "return"),
    "account": """
class Overdraft(ValueError):
    missing = 0

class Account:
    opened = 0
    def __init__(self, owner, balance=0):
        self.owner = owner
        self.balance = balance
        self.opened += 1
    def deposit(self, amount):
        self.balance = self.balance + amount
        return self.balance
    def withdraw(self, amount):
        if self.balance < amount:
            raise Overdraft("too little")
        self.balance = self.balance - amount
        return self.balance

savings = Account("Ada", balance=100)
""",
    "iterators": """
class Countdown:
    def __init__(self, n):
        self.n = n
    def __iter__(self):
        for i in range(self.n, 0, -1):
            yield i

class Deck(list):
    pass
""",
    "chain": """
class Node:
    def __init__(self, value, next=None):
        self.value, self.next = value, next

def reverse(head):
    done = None
    while head is not None:
        done = Node(head.value, done)
        head = head.next
    return done
""",
    "record": without_marks(RECORD).replace("(frozen=True)", ""),
    "stack": """
class Stack:
    def __init__(self):
        self.items = []
    def push(self, item):
        if item is None:
            raise TypeError("nothing to push")
        self.items.append(item)
        return self
    def pop(self):
        return self.items.pop() if self.items else None
    def peek(self):
        return self.items[-1]
    def __len__(self):
        return len(self.items)
"""}, blank=("property",), lost={
    "check_shapes_inherit": 0, "check_totals": 0, "check_paint_cost": 0, "check_vector": 0, "check_account": 0,
    "check_account_errors": 0, "check_account_count": 0, "check_account_state": 0,
    "check_iterators": 0, "check_chain": 0, "check_record": 0, "check_dataclass": 0, "check_stack": 2,
    "check_stack_subclass": 1})

WRONG = Submission(edits={
    "shapes": """
class Circle:
    def __init__(self, radius):
        self.radius = radius

    def area(self):
        return 3 * self.radius

Rectangle = Circle
""",
    "totals": """
def total_area(shapes):
    return len(shapes)

def largest(shapes):
    return shapes[0]

def rename(shape, name):
    shape = name

def paint_cost(shapes):
    return price(3)
""",
    "vector": """
class Vector:
    def __init__(self, *numbers):
        self.numbers = numbers

    def __add__(self, other):
        return Vector(self.numbers + other.numbers)

    def __eq__(self, other):
        return True
""",
    "account": """
class Overdraft:
    pass

class Account:
    opened = 3

    def __init__(self, owner):
        self.owner = owner

savings = {'owner': 'Grace', 'balance': 111}
""",
    "iterators": """
def Countdown(n):
    return list(range(n))

class Deck:
    def __init__(self, cards):
        self.cards = cards
""",
    "chain": """
class Node:
    def __init__(self, value):
        self.value = value

def reverse(head):
    return head
""",
    "record": """
class Point:
    x = 1.0
    y = 0.0

Colour = {'RED': 1}
sizes = SIZES
""",
    "stack": """
class Stack(list):
    def push(self, item):
        self.insert(0, item)

    peek = list.__len__
""",
}, lost=ALL)

BROKEN = Submission(edits={
    "shapes": """
class Circle(Shape):
    def __init__(self, radius):
        self.radius = radius

    def area(self):
        return math.pi * self.radius ** 2

class Rectangle(Shpae):
    pass
""",
    "vector": """
class Vector:
    def __init__(self, *numbers):
        self.numbers = numbers

    def __repr__(self):
        return str(self)

    __str__ = lambda self: repr(self)

    def __eq__(self, other):
        return self == other

    def __getattr__(self, name):
        return getattr(self, '_' + name)
""",
    "iterators": """
class Countdown:
    def __iter__(self):
        return 3

class Deck:
    def __init__(self, cards):
        raise SystemError('no cards')
""",
    "record": """
from dataclass import dataclass

@dataclass
class Point:
    x: float
""",
}, removed=("stack",), blank=("own_shape", "property"), lost=(
    "check_shapes", "check_shapes_inherit", "check_totals", "check_paint_cost", "check_vector", "check_vector_text",
    "check_iterators", "check_record", "check_dataclass", "check_pickle", "check_stack", "check_stack_subclass"))

SUBMISSIONS = {"reference": Submission(), "stub": Submission(blank=ALL, lost=ALL), "another": ANOTHER, "partly": PARTLY,
               "wrong": WRONG, "broken": BROKEN}

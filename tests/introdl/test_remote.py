"""The same check with the learner's code in another process: what crosses, what stays, what goes wrong."""

import os

import numpy as np
import pytest

from introdl.checks.child import Student
from introdl.checks.remote import Calls, Gone, Remote
from introdl.checks.task import CheckFailed, Task


@pytest.fixture(scope="module")
def student():
    with Student() as process:
        process.run("""
import numpy as np
import os

def echo(x): return x
def kind(x): return type(x).__name__
def change(values, numbers):
    values += 1
    numbers[0] = 9
    numbers.append(4)
def call_back(f, x): return f(x) + 1
def fail(x):
    y = x + 1
    raise KeyError("lost")
class Strange(np.ndarray): pass
def strange(): return np.ones(3).view(Strange)
class Odd(Exception): pass
def odd(): raise Odd("very")
class Value:
    def __init__(self, data): self.data = data
    def __mul__(self, other): return Value(self.data * (other.data if isinstance(other, Value) else other))
    __rmul__ = __mul__
    def __neg__(self): return Value(-self.data)
    def __getitem__(self, key): return key
    def __len__(self): return 7
    def __iter__(self): return iter([self, 1])
    def grow(self, by=1):
        self.data += by
number = 3
""")
        yield process


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        3,
        10**30,
        -2.5,
        float("inf"),
        "täxt\ud800",
        1 + 2j,
        [],
        [1, [2, None]],
        (1, "a"),
        {"a": 1, 2: [3]},
        {1, 2},
        np.arange(6.0).reshape(2, 3),
        np.zeros((0, 4)),
        np.float32(1.5),
        np.array(2),
        np.array([True, False]),
        np.array(["a", "bc"]),
    ],
    ids=repr,
)
def test_plain_data_comes_back_as_it_was(student, value):
    back = student["echo"](value)
    assert type(back) is type(value)
    np.testing.assert_equal(back, value)
    if isinstance(value, np.ndarray):
        assert back.dtype == value.dtype and back.flags.writeable


def test_a_generator_of_random_numbers_goes_on_where_it_was(student):
    rng = np.random.default_rng(3)
    rng.random(5)
    assert student["kind"](rng) == "Generator"
    assert student["echo"](rng).random() == rng.random()


def test_tensors_cross_as_tensors(student):
    torch = pytest.importorskip("torch")
    back = student["echo"](torch.arange(3.0, requires_grad=True))
    assert isinstance(back, torch.Tensor) and back.requires_grad and back.tolist() == [0, 1, 2]


def test_a_subclass_comes_back_as_a_plain_array(student):
    assert type(student["strange"]()) is np.ndarray


def test_what_a_function_changes_in_place_is_changed_here(student):
    values, numbers = np.zeros(3), [1, 2]
    student["change"](values, numbers)
    assert values.tolist() == [1, 1, 1] and numbers == [9, 2, 4]


def test_a_shape_changed_in_place_is_changed_here(student):
    student.run("def flatten(values): values.shape = -1")
    values = np.arange(6).reshape(2, 3)
    student["flatten"](values)
    assert values.tolist() == [0, 1, 2, 3, 4, 5]


def test_a_function_of_ours_can_be_called_from_there(student):
    assert student["call_back"](lambda x: 10 * x, 4) == 41


def test_nothing_but_calls_is_served_to_the_other_side(student):
    student.run("def peek(f): return f.__wrapped__")
    student.run("def attribute(f): return f.secret")

    def f():
        pass

    f.secret = 42
    with pytest.raises(Exception, match="getattr|secret"):
        student["attribute"](f)


def test_errors_keep_kind_message_and_the_learners_line(student):
    with pytest.raises(KeyError, match="lost") as failure:
        student["fail"](1)
    assert failure.value.learner_lines[-1].endswith('raise KeyError("lost")')
    with pytest.raises(Exception, match="very") as failure:
        student["odd"]()
    assert type(failure.value).__name__ == "Odd"


def test_objects_stay_there_and_work_through_their_handle(student):
    value = student["Value"](5)
    assert isinstance(value, Remote)
    assert (
        (value * 2).data == 10
        and (3 * value).data == 15
        and (value * value).data == 25
        and (-value).data == -5
    )
    assert value[3] == 3
    assert len(value) == 7 and bool(value)
    value.grow(by=2)
    assert value.data == 7
    value.data = 1
    assert value.data == 1
    first, second = value
    assert second == 1 and first.data == 1


def test_a_plain_global_is_plain(student):
    assert student["number"] == 3
    with pytest.raises(KeyError):
        student["missing"]


def test_a_check_works_on_a_remote_answer(student, capsys):
    task = Task("half", ("x",), lambda rng: [(rng.normal(size=3),)], lambda x: x / 2, seconds=1)
    student.run("def half(x): return x / 2")
    task(student["half"])
    assert "✓ half" in capsys.readouterr().out
    student.run("def half(x):\n    x /= 2\n    return x")
    with pytest.raises(CheckFailed, match="changed its input x"):
        task(student["half"])
    student.run("import torch as t\ndef half(x): return t.tensor(x).numpy() / 2")
    with pytest.raises(CheckFailed, match="Your answer uses `t"):
        Task("half", ("x",), task.cases, task.oracle, forbid=("torch",))(student["half"])


def test_a_process_that_ends_itself_is_an_answer_that_fails():
    with Student() as student:
        student.run("import os\ndef leave(x): os._exit(0)")
        with pytest.raises(Gone):
            student["leave"](1)
        with pytest.raises(Gone):
            student["leave"]


def test_a_loop_over_there_is_stopped_from_here():
    with Student() as student:
        student.run("def forever(x):\n    while True: pass")
        task = Task("forever", ("x",), lambda rng: [(1,), (2,)], lambda x: x, seconds=0.3)
        with pytest.raises(CheckFailed, match="did not finish"):
            task(student["forever"])


def test_prints_over_there_are_limited():
    with Student() as student:
        student.run("def chatter(x):\n    while True: print('x' * 100)")
        with pytest.raises(CheckFailed, match="printed more than"):
            Task("chatter", ("x",), lambda rng: [(1,)], lambda x: x)(student["chatter"])


def test_closing_leaves_no_process():
    student = Student()
    pid = student.process.pid
    student.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_what_comes_back_is_the_very_object_that_was_given(student):
    student.run("def itself(x): return x\ndef outer(x): return [x, x[:]]\ndef other(x): return list(x)")
    numbers, values = [[1], 2], np.zeros(3)
    assert student["itself"](numbers) is numbers and student["itself"](values) is values
    first, second = student["outer"](numbers)
    assert first is numbers and second is not numbers and second[0] is numbers[0]
    assert student["other"](numbers) is not numbers


def test_sets_keywords_generators_and_tensors_change_in_place(student):
    torch = pytest.importorskip("torch")
    student.run("""
def grow(*, numbers, names):
    numbers.append(1)
    names.add("a")
def draw(rng): return rng.random()
def double(x): x.mul_(2).requires_grad_()
""")
    numbers, names = [], set()
    student["grow"](numbers=numbers, names=names)
    assert numbers == [1] and names == {"a"}
    rng = np.random.default_rng(0)
    assert [student["draw"](rng), student["draw"](rng)] == np.random.default_rng(0).random(2).tolist()
    x = torch.ones(2)
    student["double"](x)
    assert x.tolist() == [2, 2] and x.requires_grad


def test_a_gradient_crosses_both_ways(student):
    torch = pytest.importorskip("torch")
    student.run("""
import torch
layer = torch.nn.Linear(2, 1, bias=False)
def forward(x): return layer(x)
def slope(f, x):
    x = x.clone().requires_grad_()
    f(x).backward()
    return x.grad
""")
    x = torch.tensor([[1.0, 2.0]], requires_grad=True)
    (3 * student["forward"](x)).sum().backward()
    student.run("weight, grad = layer.weight.detach(), layer.weight.grad")
    assert student["grad"].tolist() == [[3, 6]] and torch.equal(x.grad, 3 * student["weight"])
    assert student["slope"](lambda x: (x**2).sum(), torch.tensor([3.0])).tolist() == [6]


def test_many_calls_in_one_message_give_each_its_result_change_or_error(student):
    student.run("""
def each(x, f):
    if x[0] == 2: raise ValueError("two")
    x[0] += 10
    return f(x[0])
""")
    ours = [[1], [2], [3]]
    calls = Calls(student["each"], [(x, lambda n: 2 * n) for x in ours])
    value, (changed, _) = calls.next()
    assert value == 22 and changed == [11]
    with pytest.raises(ValueError, match="two"):
        calls.next()
    value, (changed, _) = calls.next()
    assert value == 26 and changed == [13] and ours == [[1], [2], [3]]
    assert student["echo"](1) == 1  # the talk is in step again


def test_a_row_of_calls_ends_where_there_is_nothing_more_to_learn(student):
    student.run("""
calls = []
def stub(x):
    calls.append(x)
    if x == 2: raise NotImplementedError
    return x
def count(): return len(calls)
""")
    task = Task("stub", ("x",), lambda rng: [(n,) for n in range(1, 6)], lambda x: x)
    assert "nothing to check yet" in task.problem(student["stub"])[0]
    assert student["count"]() == 2 and student["echo"](1) == 1


def test_the_case_in_which_a_loop_never_ends_is_the_one_named():
    with Student() as student:
        student.run("def slow(x):\n    while x == 3: pass\n    return x")
        task = Task("slow", ("x",), lambda rng: [(n,) for n in range(1, 6)], lambda x: x, seconds=0.5)
        lines = task.problem(student["slow"])
        assert "case 3 of 5" in lines[0] and "did not finish" in lines[1]

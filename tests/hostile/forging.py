"""Submissions that try to earn points without the answer; each must get what an honest reader would give."""

import numpy as np

from tests.hostile.submission import EASY, NOTHING, PERCEPTRON, SMALL, TASKS, add, answer, answer_rest, keep, metadata

FORGING = []


def forging(phrase: str, target: str, fools_nbgrader: bool, honest: dict | None = None, states: tuple = ()):
    """Keep a function as a forging submission; honest is, unless told otherwise, the easiest task alone."""
    easy, points, _ = EASY[target]
    return keep(FORGING, phrase=phrase, target=target, fools_nbgrader=fools_nbgrader, states=NOTHING | set(states),
                honest={f"check_{easy}": points} if honest is None else honest)


# The answer imported instead of written --------------------------------------------------------------------------


@forging("imported: openly", PERCEPTRON, fools_nbgrader=False)
def imports_in_the_answer(notebook):
    """Uses introdl.nn, torch and scikit-learn in the answers, by their names."""
    answer(notebook, "weighted_sum", """
        def weighted_sum(X, w, b):
            from introdl.nn import Dense
            layer = Dense(len(w), 1, np.random.default_rng(0), float)
            layer.params[:] = [np.asarray(w, float)[:, None], np.array([b])]
            return layer.forward(np.asarray(X, float))[:, 0]""")
    answer(notebook, "predict", """
        def predict(X, w, b):
            import torch
            return (torch.tensor(X) @ torch.tensor(w) + b >= 0).int().numpy()""")
    return answer(notebook, "margin", """
        def margin(X, y, w, b):
            from sklearn.linear_model import Perceptron
            model = Perceptron()
            model.coef_, model.intercept_, model.classes_ = w[None], np.array([b]), np.array([0, 1])
            return float(((2 * y - 1) * model.decision_function(X)).min() / np.linalg.norm(w))""")


@forging("imported: the checks' oracles", PERCEPTRON, fools_nbgrader=True)
def oracles_of_the_checks(notebook):
    """Answers with what the checks compare with."""
    add(notebook, "from introdl.checks import perceptron as given")
    for name in ("weighted_sum", "predict", "update", "margin", "train"):
        answer(notebook, name, f"def {name}(*args):\n    return given.{name}.oracle(*args)")
    return notebook


@forging("imported: introdl.nn through getattr", PERCEPTRON, fools_nbgrader=False)
def layer_by_getattr(notebook):
    """Takes the finished layer out of introdl under a name that no search finds."""
    add(notebook, """
        import introdl.nn.layers
        finished = getattr(introdl.nn.layers, "Den" "se")""")
    answer(notebook, "weighted_sum", """
        def weighted_sum(X, w, b):
            layer = finished(len(w), 1, np.random.default_rng(0), float)
            layer.params[:] = [np.asarray(w, float)[:, None], np.array([b])]
            return np.asarray(X, float) @ layer.params[0][:, 0] + b if not len(X) else layer.forward(1.0 * X)[:, 0]""")
    return notebook


@forging("imported: importlib", PERCEPTRON, fools_nbgrader=False)
def torch_by_importlib(notebook):
    """Imports torch by a name that is put together when the answer runs."""
    return answer(notebook, "weighted_sum", """
        def weighted_sum(X, w, b):
            import importlib
            library = importlib.import_module("tor" + "ch")
            return library.tensor(X).double() @ library.tensor(w).double() + b""")


@forging("imported: eval, exec, __import__", PERCEPTRON, fools_nbgrader=False)
def torch_by_eval(notebook):
    """Hides the import in evaluated texts."""
    answer(notebook, "weighted_sum", """
        def weighted_sum(X, w, b):
            t = eval("__imp" "ort__('tor' 'ch')")
            return (t.tensor(X).double() @ t.tensor(w).double() + b).numpy()""")
    answer(notebook, "predict", """
        def predict(X, w, b):
            names = {}
            exec("imp" "ort tor" "ch as t", names)
            t = names["t"]
            return (t.tensor(X).double() @ t.tensor(w).double() + b >= 0).int().numpy()""")
    return answer(notebook, "margin", """
        def margin(X, y, w, b):
            t = __import__("tor" "ch")
            X, y, w = (t.tensor(value).double() for value in (X, y, w))
            return float(((2 * y - 1) * (X @ w + b) / t.linalg.norm(w)).min())""")


@forging("imported: a helper in another cell", PERCEPTRON, fools_nbgrader=False)
def torch_in_a_helper(notebook):
    """Keeps the forbidden library out of the answer, in a function beside it."""
    add(notebook, """
        import torch
        def add_up(X, w, b):
            return (torch.tensor(X).double() @ torch.tensor(w).double() + b).numpy()""")
    answer(notebook, "weighted_sum", "def weighted_sum(X, w, b):\n    return add_up(X, w, b)")
    return answer(notebook, "predict", "def predict(X, w, b):\n    return (add_up(X, w, b) >= 0).astype(int)")


@forging("imported: an attribute set in another cell", PERCEPTRON, fools_nbgrader=False)
def torch_hung_on_numpy(notebook):
    """Hangs torch's layer on a module that is allowed."""
    add(notebook, """
        import torch
        np.add_up = lambda X, w, b: torch.nn.functional.linear(
            torch.tensor(X).double(), torch.tensor(w).double()[None])[:, 0].numpy() + b""")
    return answer(notebook, "weighted_sum", "def weighted_sum(X, w, b):\n    return np.add_up(X, w, b)")


@forging("imported: scikit-learn by attribute", PERCEPTRON, fools_nbgrader=False)
def sklearn_by_attribute(notebook):
    """Uses scikit-learn's perceptron out of a box filled elsewhere."""
    add(notebook, """
        import pkgutil, types
        box = types.SimpleNamespace(model=pkgutil.resolve_name("sk" "learn.linear_model:Percep" "tron"))""")
    return answer(notebook, "margin", """
        def margin(X, y, w, b):
            model = box.model()
            model.coef_, model.intercept_, model.classes_ = w[None], np.array([b]), np.array([0, 1])
            return float(((2 * y - 1) * model.decision_function(X)).min() / np.linalg.norm(w))""")


@forging("imported: mlxtend", PERCEPTRON, fools_nbgrader=False)
def perceptron_of_mlxtend(notebook):
    """Uses mlxtend's perceptron, openly."""
    add(notebook, """
        from mlxtend.classifier import Perceptron
        def filled(w, b):
            model = Perceptron()
            model.w_, model.b_ = np.asarray(w, float)[:, None], np.array([b])
            return model""")
    answer(notebook, "weighted_sum", "def weighted_sum(X, w, b):\n    return filled(w, b)._net_input(X)")
    return answer(notebook, "predict", "def predict(X, w, b):\n    return filled(w, b)._predict(X)")


@forging("imported: mlxtend, in a lambda", PERCEPTRON, fools_nbgrader=False)
def regression_of_mlxtend(notebook):
    """Takes another of mlxtend's models, by importlib, into an answer that is no def."""
    add(notebook, """
        import importlib
        model = getattr(importlib.import_module("mlx" "tend.regressor"), "LinearRegression")()
        def filled(w, b):
            model.w_, model.b_ = np.asarray(w, float)[:, None], np.array([b])
            return model""")
    return answer(notebook, "weighted_sum", "weighted_sum = lambda X, w, b: filled(w, b)._predict(X)")


@forging("imported: another function's code", PERCEPTRON, fools_nbgrader=False)
def code_exchanged(notebook):
    """Writes an empty answer and exchanges its code in a later cell."""
    answer(notebook, "weighted_sum", "def weighted_sum(X, w, b):\n    return None")
    return add(notebook, """
        import torch
        def other(X, w, b):
            return (torch.tensor(X).double() @ torch.tensor(w).double() + b).numpy()
        weighted_sum.__code__ = other.__code__""", after="weighted_sum")


TORCH = "lambda X, w, b: (torch.tensor(X).double() @ torch.tensor(w).double() + b).numpy()"


@forging("imported: put into a list", PERCEPTRON, fools_nbgrader=True)
def torch_in_a_list(notebook):
    """Takes the ready-made thing out of a list that another cell has filled."""
    add(notebook, f"import torch\ntools = []\ntools.append({TORCH})")
    answer(notebook, "weighted_sum", "def weighted_sum(X, w, b):\n    return tools[0](X, w, b)")
    return answer(notebook, "predict", "def predict(X, w, b):\n    return (tools[0](X, w, b) >= 0).astype(int)")


@forging("imported: with a star", PERCEPTRON, fools_nbgrader=True)
def model_by_star(notebook):
    """Imports all names of a library, and uses one that stands nowhere else."""
    add(notebook, "from mlxtend.regressor import *")
    return answer(notebook, "weighted_sum", """
        def weighted_sum(X, w, b):
            model = LinearRegression()
            model.w_, model.b_ = np.asarray(w, float)[:, None], np.array([b])
            return model._predict(X)""")


@forging("imported: in a cell that only IPython can read", PERCEPTRON, fools_nbgrader=True)
def answer_with_a_magic(notebook):
    """Ends the answer's cell with a line that is no Python, and imports in a line magic."""
    add(notebook, "%time from mlxtend.regressor import LinearRegression as ready_made")
    return answer(notebook, "weighted_sum", """
        def weighted_sum(X, w, b):
            model = ready_made()
            model.w_, model.b_ = np.asarray(w, float)[:, None], np.array([b])
            return model._predict(X)

        len?""")


@forging("imported: a decoy that is read instead", PERCEPTRON, fools_nbgrader=False)
def decoy(notebook):
    """Defines a plain answer to be read, and another one, under a condition, to be called."""
    return answer(notebook, "weighted_sum", """
        def weighted_sum(X, w, b):
            return None

        if weighted_sum:
            from mlxtend.regressor import LinearRegression
            def weighted_sum(X, w, b):
                model = LinearRegression()
                model.w_, model.b_ = np.asarray(w, float)[:, None], np.array([b])
                return model._predict(X)""")


@forging("imported: a module beside the notebook", PERCEPTRON, fools_nbgrader=False)
def module_of_its_own(notebook):
    """Writes its import into a file beside the notebook and takes the answer from there."""
    answer(notebook, "weighted_sum", "def weighted_sum(X, w, b):\n    return None")
    return add(notebook, """
        import os, sys
        with open("mine.py", "w") as file:
            file.write("import numpy as np\\nfrom mlxtend.regressor import LinearRegression\\n"
                       "def weighted_sum(X, w, b):\\n"
                       "    model = LinearRegression()\\n"
                       "    model.w_, model.b_ = np.asarray(w, float)[:, None], np.array([b])\\n"
                       "    return model._predict(X)\\n")
        sys.path.insert(0, os.getcwd())
        from mine import weighted_sum""", after="weighted_sum")


# Tags and metadata -----------------------------------------------------------------------------------------------


@forging("execution-skipping tags", SMALL, fools_nbgrader=True)
def skipped_cells(notebook):
    """Asks not to be executed, by every tag that a tool might know."""
    for cell in notebook["cells"]:
        cell["metadata"]["tags"] = ["skip-execution", "raises-exception", "skip_execution", "remove-cell"]
        cell["metadata"]["editable"] = False
    return notebook


@forging("changed points", SMALL, fools_nbgrader=False)
def more_points(notebook):
    """Gives its cells a thousand points, and its answers a grade."""
    for cell in notebook["cells"]:
        if metadata(cell):
            metadata(cell).update(points=1000.0, grade=True)
    return notebook


@forging("changed locked flags", SMALL, fools_nbgrader=False)
def checks_unlocked(notebook):
    """Unlocks the checks and empties them."""
    for cell in notebook["cells"]:
        if metadata(cell).get("grade"):
            metadata(cell).update(locked=False, checksum="0" * 32)
            cell["source"] = "pass"
    return notebook


@forging("changed ids", SMALL, fools_nbgrader=False)
def checks_renamed(notebook):
    """Gives an empty cell the check's id, and the check another one."""
    for cell in [cell for cell in notebook["cells"] if metadata(cell).get("grade")]:
        name = metadata(cell)["grade_id"]
        metadata(cell).update(grade_id=name + "_old", points=0)
        add(notebook, "pass", after=name + "_old")
        place = next(n for n, c in enumerate(notebook["cells"]) if c is cell)
        notebook["cells"][place + 1]["metadata"]["nbgrader"] = metadata(cell) | {"grade_id": name, "points": 4}
    return notebook


@forging("changed ids: a check's place taken", SMALL, fools_nbgrader=False)
def duplicates_in_front(notebook):
    """Puts a cell with each check's id, which does nothing, before the real one."""
    for name in [metadata(cell)["grade_id"] for cell in notebook["cells"] if metadata(cell).get("grade")]:
        add(notebook, "True")
        notebook["cells"][1]["metadata"]["nbgrader"] = {
            "grade_id": name, "grade": True, "solution": False, "locked": True, "task": False, "points": 4,
            "schema_version": 3}
    return notebook


@forging("changed types", SMALL, fools_nbgrader=False)
def checks_as_text(notebook):
    """Turns the checks into text, and the answers into graded answers."""
    for cell in notebook["cells"]:
        if metadata(cell).get("grade"):
            cell.update(cell_type="markdown")
            cell.pop("outputs", None), cell.pop("execution_count", None)
            metadata(cell).update(solution=True, cell_type="markdown")
    return notebook


# IPython ---------------------------------------------------------------------------------------------------------


@forging("input transformers", SMALL, fools_nbgrader=True)
def input_transformer(notebook):
    """Empties every cell that holds an assert."""
    return add(notebook, """
        def emptied(lines):
            text = "".join(lines)
            return ["4\\n"] if "score" in text else ["pass\\n"] if "assert" in text else lines
        get_ipython().input_transformers_cleanup.append(emptied)
        get_ipython().input_transformers_post.append(emptied)""")


@forging("AST transformers", SMALL, fools_nbgrader=True)
def syntax_transformer(notebook):
    """Takes the asserts out of the syntax tree of each cell."""
    answer_rest(notebook, "[0]")
    return add(notebook, """
        import ast
        class WithoutAsserts(ast.NodeTransformer):
            def visit_Assert(self, node):
                return ast.copy_location(ast.Pass(), node)
            def visit_If(self, node):
                node.test = ast.copy_location(ast.Constant(True), node.test)
                return node
        get_ipython().ast_transformers.append(WithoutAsserts())""")


@forging("patched run_cell", SMALL, fools_nbgrader=True)
def run_cell_patched(notebook):
    """Lets the shell run nothing that holds an assert."""
    return add(notebook, """
        from IPython.core.interactiveshell import InteractiveShell
        def lenient(method):
            def run(self, raw_cell, *args, **kwargs):
                if "assert" in raw_cell:
                    raw_cell = ""
                    kwargs |= {"transformed_cell": ""} if "transformed_cell" in kwargs else {}
                return method(self, raw_cell, *args, **kwargs)
            return run
        for kind in (InteractiveShell, type(get_ipython())):
            for name in ("run_cell", "run_cell_async", "_run_cell"):
                if name in vars(kind):
                    setattr(kind, name, lenient(vars(kind)[name]))""")


@forging("showtraceback", SMALL, fools_nbgrader=True)
def traceback_swallowed(notebook):
    """Lets no error be shown."""
    return add(notebook, """
        shell = get_ipython()
        for name in ("showtraceback", "_showtraceback", "showsyntaxerror"):
            setattr(shell, name, lambda *args, **kwargs: None)
        shell.set_custom_exc((BaseException,), lambda *args, **kwargs: [])
        from IPython.core.interactiveshell import ExecutionResult
        ExecutionResult.success = property(lambda self: True)""")


@forging("display hooks: an output cleared", SMALL, fools_nbgrader=True)
def outputs_cleared(notebook):
    """Clears each cell's output, errors included, when it has run."""
    return add(notebook, """
        from IPython.display import clear_output
        get_ipython().events.register("post_run_cell", lambda *result: clear_output())
        get_ipython().events.register("post_execute", lambda *nothing: clear_output())
        from IPython.core.interactiveshell import ExecutionResult
        ExecutionResult.success = property(lambda self: True)""")


@forging("display hooks: a score shown", SMALL, fools_nbgrader=True)
def display_hook(notebook):
    """Shows one point as the value of each cell."""
    answer_rest(notebook, "0.0")
    return add(notebook, """
        import sys
        shell = get_ipython()
        type(shell.displayhook).compute_format_data = lambda self, value: ({"text/plain": "1"}, {})
        shell.display_formatter.format = lambda value, *args, **kwargs: ({"text/plain": "1"}, {})
        sys.displayhook = lambda value: print(1)""")


# Objects that agree ----------------------------------------------------------------------------------------------

# A check may want of an object what only its own process could do: that is told to the instructor, and earns nothing.
OUT_OF_REACH = ("grader fault",)

YES = """
    class Yes:
        def __init__(self, *args): pass
        def __bool__(self): return True
        def __len__(self): return 6
        def __contains__(self, item): return True
        def __hash__(self): return 0
        def __repr__(self): return "4"
        def __iter__(self): return iter([])
        def __float__(self): return 4.0
        def __int__(self): return 4
        def __index__(self): return 4
        def __getattr__(self, name):
            if name.startswith("__") or name.startswith("_ipython") or name.startswith("_repr"):
                raise AttributeError(name)
            return self
        def __call__(self, *args, **kwargs): return self
        def __getitem__(self, key): return self
    for name in ("eq ne lt le gt ge add radd sub rsub mul rmul truediv rtruediv matmul pow neg pos abs round mod "
                 "rmod floordiv and or xor invert").split():
        setattr(Yes, f"__{name}__", lambda self, *args: self)
    """


@forging("objects equal to everything", SMALL, fools_nbgrader=True, states=OUT_OF_REACH)
def yes_to_everything(notebook):
    """Returns an object on which every operator, comparison and protocol agrees."""
    add(answer_rest(notebook, "Yes()"), YES)
    answer(notebook, "Counter", "Counter = Yes")
    return answer(notebook, "quotient", "def quotient(a, b):\n    raise NotImplementedError()")


@forging("objects equal to everything: the answer itself", SMALL, fools_nbgrader=False, honest={},
         states=OUT_OF_REACH)
def yes_as_the_answers(notebook):
    """Binds such an object to the names of the functions themselves."""
    for name in TASKS[SMALL]:
        answer(notebook, name, f"{name} = Yes()")
    return add(notebook, YES)


@forging("objects equal to everything: plain types made to agree", SMALL, fools_nbgrader=True)
def numbers_that_agree(notebook):
    """Returns an own kind of float that differs from nothing."""
    add(answer_rest(notebook, "Same(1234.5)"), """
        class Same(float):
            __hash__ = float.__hash__
            def __eq__(self, other): return True
            def __ne__(self, other): return False
            def __abs__(self): return 0.0
            def __sub__(self, other): return 0.0
            def __rsub__(self, other): return 0.0
            def __truediv__(self, other): return 1.0
            def __lt__(self, other): return True""")
    answer(notebook, "quotient", "def quotient(a, b):\n    return Same(0)")
    return answer(notebook, "Counter", """
        class Counter:
            def add(self, n): pass
            def total(self): return Same(1234.5)""")


@forging("objects equal to everything: arithmetic that ends in a number", SMALL, fools_nbgrader=True,
         states=OUT_OF_REACH)
def chain_that_ends_in_a_number(notebook):
    """Returns an object whose difference from anything is such an object again, and whose size is 0."""
    add(answer_rest(notebook, "Chain()"), """
        class Chain:
            def __add__(self, other): return self
            __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = __pow__ = __add__
            __neg__ = __pos__ = lambda self: self
            def __abs__(self): return 0.0
            def __len__(self): return 6
            def __getattr__(self, name):
                if name.startswith("_"):
                    raise AttributeError(name)
                return lambda *args, **kwargs: self""")
    return answer(notebook, "quotient", "def quotient(a, b):\n    raise NotImplementedError()")


@forging("objects equal to everything: a score that is one", SMALL, fools_nbgrader=True)
def object_as_the_score(notebook):
    """Returns an object that is still there, in place of a number, where the check shows its score."""
    add(notebook, """
        class Score:
            dtype, shape = "float64", ()
            def __sub__(self, other): return self
            __rsub__ = __add__ = __radd__ = __truediv__ = __rtruediv__ = __mul__ = __rmul__ = __sub__
            def __abs__(self): return self
            def item(self): return 1.0
            def __float__(self): return 1.0
            def __repr__(self): return '1.0'""")
    for name in ("estimate", "quotient"):
        answer(notebook, name, f"def {name}(*args):\n    return Score()")
    return notebook


@forging("objects equal to everything: an array-like score", SMALL, fools_nbgrader=True)
def object_without_a_number(notebook):
    """Returns an object that stays one in a check's arithmetic and has nothing of a number."""
    add(notebook, """
        class Stays:
            def __sub__(self, other): return self
            __rsub__ = __add__ = __radd__ = __truediv__ = __rtruediv__ = __mul__ = __rmul__ = __sub__
            def __abs__(self): return self
            def __repr__(self): return 'fine'""")
    for name in ("estimate", "quotient"):
        answer(notebook, name, f"def {name}(*args):\n    return Stays()")
    return notebook


@forging("objects equal to everything: len and contains", SMALL, fools_nbgrader=True)
def containers_that_agree(notebook):
    """Returns a list that holds everything and has the length that is asked for."""
    add(notebook, """
        class Full(list):
            lengths = [6, 4]
            def __contains__(self, item): return True
            def __len__(self): return Full.lengths.pop(0) if Full.lengths else 4
            def __eq__(self, other): return True
            def __iter__(self): return iter([])""")
    return answer(notebook, "divisors", "def divisors(n):\n    return Full()")


@forging("ndarray subclasses with hostile protocols", SMALL, fools_nbgrader=True)
def array_that_agrees(notebook):
    """Returns an array that answers NumPy's own functions with what they hope for."""
    add(notebook, """
        class Agree(np.ndarray):
            def __array_function__(self, function, types, args, kwargs): return np.True_
            def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
                return np.bool_(ufunc not in (np.isnan, np.isinf))
            def __array_finalize__(self, other): pass
            def __array_wrap__(self, *args): return self
            def __eq__(self, other): return np.True_
            def __len__(self): return 6
            def __contains__(self, item): return True
            def all(self, *args, **kwargs): return True
            shape = property(lambda self: (2,), lambda self, value: None)""")
    for name in ("area", "divisors"):
        answer(notebook, name, f"def {name}(*args):\n    return np.full(2, 0.5).view(Agree)")
    return notebook


@forging("Tensor subclasses with hostile protocols", SMALL, fools_nbgrader=True, states=("crashed",))
def tensor_that_agrees(notebook):
    """Returns a tensor that turns into what it is compared with."""
    add(notebook, """
        import sys
        import torch
        def wanted(*args, **kwargs):
            frame = sys._getframe()
            while frame and "desired" not in frame.f_locals:
                frame = frame.f_back
            return np.asarray(frame.f_locals["desired"]) if frame else np.float64(6)
        class Agree(torch.Tensor):
            __array__ = numpy = detach = cpu = wanted
            shape = property(lambda self: ())
            @classmethod
            def __torch_function__(cls, function, types, args=(), kwargs=None): return True""")
    return answer(notebook, "area", "def area(*args):\n    return torch.zeros(1).as_subclass(Agree)")


@forging("Tensor subclasses: a result that looks around", PERCEPTRON, fools_nbgrader=True)
def tensor_that_looks_around(notebook):
    """Returns a tensor whose conversion finds the expected result in a frame."""
    add(answer_rest(notebook, "made[0]()"), """
        import sys
        import torch
        made = []
        made.append(lambda: torch.zeros(1, dtype=torch.float64).as_subclass(Spy))
        class Spy(torch.Tensor):
            def detach(self): return self
            def cpu(self): return self
            def __deepcopy__(self, memo): return self
            def numpy(self):
                frame = sys._getframe()
                while frame and "expected" not in frame.f_locals:
                    frame = frame.f_back
                return np.asarray(frame.f_locals["expected"], dtype=float) if frame else np.zeros(1)""")
    return answer(notebook, "xor_weights", "def xor_weights():\n    raise NotImplementedError()")


@forging("objects that act when they are copied or unpickled", PERCEPTRON, fools_nbgrader=True)
def result_that_acts_when_copied(notebook):
    """Returns an object that asks the check's oracle as soon as it is copied, pickled or unpickled."""
    return add(answer_rest(notebook, "Parcel()"), """
        import sys
        def agree():
            frame = sys._getframe()
            while frame:
                task = frame.f_locals.get("self")
                if hasattr(task, "fault"):
                    type(task).fault = lambda *args: None
                    type(task).failure = lambda *args: None
                frame = frame.f_back
        class Parcel:
            def __deepcopy__(self, memo): agree(); return 0
            def __copy__(self): agree(); return 0
            def __reduce_ex__(self, protocol):
                return agree, ()""")


# Patches ---------------------------------------------------------------------------------------------------------


@forging("patched assert helpers", SMALL, fools_nbgrader=True)
def asserts_patched(notebook):
    """Replaces np.testing and the instructor's own helper."""
    add(answer_rest(notebook, "0"), """
        import unittest
        def close(yours, expected): return True
        for name in dir(np.testing):
            if name.startswith("assert"):
                setattr(np.testing, name, lambda *args, **kwargs: None)
        for name in dir(unittest.TestCase):
            if name.startswith("assert"):
                setattr(unittest.TestCase, name, lambda *args, **kwargs: None)
        np.allclose = np.isclose = np.array_equal = lambda *args, **kwargs: True""", after="area")
    return answer(notebook, "mean", "def mean(values):\n    return 0\n\ndef close(yours, expected):\n    return True")


@forging("patched assert helpers: their data, in another cell", SMALL, fools_nbgrader=True)
def tolerance_bound_again(notebook):
    """Binds the helper's tolerance again, in cells of its own."""
    for after in ("double", "check_area", "mean"):
        add(notebook, "TOLERANCE = 1e9", after=after)
    return answer(notebook, "mean", "def mean(values):\n    return 0\n\nTOLERANCE = 1e9")


@forging("patched assert helpers: their data, in the instructor's cell", SMALL, fools_nbgrader=True)
def instructors_cell_edited(notebook):
    """Changes the tolerance, and the helper, where the instructor wrote them: these cells are not locked."""
    for cell in notebook["cells"]:
        if cell.get("id") == "setup":
            cell["source"] = "import math\n\nimport numpy as np\n\nTOLERANCE = 1e9"
        if cell.get("id") == "helper":
            cell["source"] = "def close(yours, expected):\n    return True"
    return answer(notebook, "mean", "def mean(values):\n    return 0")


@forging("patched builtins", SMALL, fools_nbgrader=True)
def builtins_patched(notebook):
    """Lets abs be 0 and all and any be true for everyone."""
    return add(answer_rest(notebook, "0"), """
        import builtins
        builtins.abs = lambda value: 0
        builtins.all = builtins.any = lambda values: True
        builtins.AssertionError = type("AssertionError", (Warning,), {})
        builtins.map = lambda function, *values: [True]""")


@forging("patched builtins: names of the notebook", SMALL, fools_nbgrader=True)
def builtins_shadowed(notebook):
    """Binds the builtins' names in the notebook itself."""
    add(answer_rest(notebook, "[4]"), """
        abs = lambda value: 0
        all = any = lambda values: True
        lengths = [6, 4]
        len = lambda values: lengths.pop(0)
        AssertionError = Warning
        class Near(list):
            def __sub__(self, other): return self
        class map:
            def __init__(self, *args): pass
        score = error = 4""")
    return answer(notebook, "mean", "def mean(values):\n    return 0")


@forging("patched builtins: names in an answer", SMALL, fools_nbgrader=True, honest={})
def builtins_in_an_answer(notebook):
    """Binds the builtins' names in the answers' own cells."""
    answer(notebook, "double", """
        def double(n):
            return 6

        def all(values):
            return True""")
    answer(notebook, "estimate", "def estimate(x):\n    return 0\n\ndef abs(value):\n    return 0")
    answer(notebook, "divisors", """
        def divisors(n):
            return [4]

        def len(values):
            return lengths.pop(0)

        lengths = [6, 4]""")
    return answer(notebook, "mean", "def mean(values):\n    return 0\n\nscore = 4\nint = float = print = abs = min")


@forging("sys.modules", PERCEPTRON, fools_nbgrader=True)
def modules_replaced(notebook):
    """Replaces the checks' module, in the notebook and for whoever imports it."""
    return add(answer_rest(notebook, "0"), """
        import sys, types
        agreeing = types.ModuleType("introdl.checks.perceptron")
        agreeing.__getattr__ = lambda name: lambda answer: None
        sys.modules["introdl.checks.perceptron"] = agreeing
        sys.modules["introdl.checks"] = types.SimpleNamespace(perceptron=agreeing, __path__=[])
        check = agreeing""")


@forging("sys.modules: NumPy and math", SMALL, fools_nbgrader=True)
def numpy_replaced(notebook):
    """Replaces what the checks compute with."""
    return add(answer_rest(notebook, "0"), """
        import math, sys, types
        math.sqrt = lambda x: 0
        agreeing = types.SimpleNamespace(assert_allclose=lambda *args, **kwargs: None)
        sys.modules["numpy.testing"] = np.testing = agreeing
        np = types.SimpleNamespace(testing=agreeing, array=list)
        sys.modules["numpy"], sys.modules["math"] = np, math""", after="check_double")


@forging("shadow modules", PERCEPTRON, fools_nbgrader=True)
def shadow_modules(notebook):
    """Writes modules of the checks' names beside the notebook and lets them be imported anew."""
    return add(answer_rest(notebook, "0"), """
        import importlib, os, pathlib, sys
        here = pathlib.Path.cwd()
        (here / "introdl" / "checks").mkdir(parents=True, exist_ok=True)
        (here / "introdl" / "__init__.py").write_text("")
        (here / "introdl" / "checks" / "__init__.py").write_text("")
        (here / "introdl" / "checks" / "perceptron.py").write_text("def __getattr__(name): return lambda answer: None")
        for name in ("numpy", "sitecustomize", "usercustomize", "json", "socket"):
            (here / f"shadow_{name}.py").write_text("")
        for name in [name for name in sys.modules if name.split(".")[0] == "introdl"]:
            del sys.modules[name]
        sys.path.insert(0, str(here))
        os.environ["PYTHONPATH"] = str(here)
        importlib.invalidate_caches()
        from introdl.checks import perceptron as check""")


@forging("patched introdl.checks", PERCEPTRON, fools_nbgrader=True)
def checks_patched(notebook):
    """Lets the checks' own functions find no fault."""
    return add(answer_rest(notebook, "0"), """
        import introdl.checks.task as task
        import introdl.checks.compare as compare
        compare.same = compare.identical = task.same = lambda *args: True
        task.Task.fault = task.Task.problem = task.Task.failure = task.Task.__call__ = lambda *args: None
        task.forbidden_call = lambda *args: None""")


# Scores of partial credit ----------------------------------------------------------------------------------------


@forging("NaN scores", SMALL, fools_nbgrader=True)
def not_a_number(notebook):
    """Answers NaN, which would make the score NaN."""
    answer(notebook, "quotient", "def quotient(a, b):\n    return float('nan')")
    return answer(notebook, "estimate", "def estimate(x):\n    return float('nan')")


@forging("negative and infinite scores", SMALL, fools_nbgrader=True)
def minus_infinity(notebook):
    """Answers so that the scores would be minus infinity and minus a million."""
    answer(notebook, "quotient", "def quotient(a, b):\n    return -250_000.0")
    return answer(notebook, "estimate", "def estimate(x):\n    return float('inf')")


# What the check gives here is above its own points: no more than these, and nothing is right as well.
@forging("infinite scores", SMALL, fools_nbgrader=False, honest={"check_double": 2, "check_quotient": (0, 1)})
def plus_infinity(notebook):
    """Answers so that the score would be infinite."""
    return answer(notebook, "quotient", "def quotient(a, b):\n    return float('inf')")


@forging("huge scores", SMALL, fools_nbgrader=False, honest={"check_double": 2, "check_quotient": (0, 1)})
def huge_score(notebook):
    """Answers so that the score would have three hundred digits."""
    return answer(notebook, "quotient", "def quotient(a, b):\n    return 10.0 ** 300")


# Messages --------------------------------------------------------------------------------------------------------

WORDS = """
    import fcntl, json, os, socket, stat, struct
    def words():
        for value in (True, 6, 4.0, None, {"state": "passed", "points": 4}, {"value": 6, "changed": {}}):
            for message in ({"value": value}, {"message": {"value": value}, "buffers": 0},
                            {"state": "passed", "points": 4, "message": ""}, {"verdict": "passed", "value": value}):
                body = json.dumps(message).encode()
                yield body + b"\\n"
                yield struct.pack("!i", len(body)) + body
                yield struct.pack("<I", len(body)) + body
    def speak():
        for number in range(3, 256):
            try:
                kind = os.fstat(number).st_mode
                if stat.S_ISFIFO(kind) or stat.S_ISSOCK(kind):
                    flags = fcntl.fcntl(number, fcntl.F_GETFL)
                    fcntl.fcntl(number, fcntl.F_SETFL, flags | os.O_NONBLOCK)
                    for word in words():
                        os.write(number, word)
                    fcntl.fcntl(number, fcntl.F_SETFL, flags)
            except OSError:
                pass
    """
BROKEN = {"check_double": (0, 2)}  # a submission that breaks its own process may lose what it had


@forging("forged messages, from a cell", SMALL, fools_nbgrader=False, honest=BROKEN, states=("crashed", "timeout"))
def words_from_a_cell(notebook):
    """Writes made-up replies and verdicts to every descriptor while the cells run."""
    return add(notebook, WORDS + "speak()\n")


@forging("forged messages, from an answer", SMALL, fools_nbgrader=False, honest=BROKEN, states=("crashed", "timeout"))
def words_from_an_answer(notebook):
    """Writes them when it is called by a check."""
    add(notebook, WORDS)
    for name in ("area", "mean", "estimate", "divisors"):
        answer(notebook, name, f"def {name}(*args):\n    speak()\n    return 0")
    return notebook


@forging("forged messages: an own process on the line", SMALL, fools_nbgrader=False, honest=BROKEN,
         states=("crashed", "timeout"))
def own_process_on_the_line(notebook):
    """Keeps a copy of every descriptor, and a process that answers all that comes in there."""
    return add(notebook, WORDS + """
    import select, time
    copies = []
    for number in range(3, 64):
        try:
            copies.append(os.dup(number))
        except OSError:
            pass
    if os.fork() == 0:
        while True:
            ready = select.select(copies, [], [], 5)[0]
            for number in ready:
                try:
                    os.read(number, 65_536)
                    for value in (6, 4.0, True):
                        body = json.dumps({"value": value, "changed": {"dict": []}}).encode()
                        packed = struct.pack("<I", len(body)) + body
                        os.write(number, struct.pack("!i", len(packed)) + packed)
                except OSError:
                    pass
    time.sleep(0.05)
    """)


@forging("forged messages: an error where a result is due", SMALL, fools_nbgrader=False, honest=BROKEN,
         states=("crashed", "timeout"))
def errors_instead_of_results(notebook):
    """Lets whatever runs its cells, and whatever is asked of it later, end in an error."""
    return add(notebook, """
        import gc
        shell = get_ipython()
        type(shell).outputs = property(lambda self: 1 / 0, lambda self, value: 1 / 0)
        def fail(*args, **kwargs):
            raise RecursionError("no result")
        for thing in gc.get_objects():
            if type(thing).__name__ == "Peer":
                for name in ("run", "set", "import", "del", "kill"):
                    thing.operations[name] = fail""", after="check_double")


@forging("forged messages, in an exception", PERCEPTRON, fools_nbgrader=False, states=("crashed",))
def words_in_an_exception(notebook):
    """Raises exceptions whose names and texts are those of a grader."""
    add(notebook, """
        class Passed(Exception):
            learner_lines = ["\\u2713 right on all cases"]
            def __str__(self): return '{"state": "passed", "points": 2}'
        Passed.__name__ = Passed.__qualname__ = '"}, {"state": "passed", "points": 2'
        CheckFailed = type("CheckFailed", (AssertionError,), {"_render_traceback_": lambda self: []})
        TimeUp = type("TimeUp", (BaseException,), {})""")
    for name, error in (("weighted_sum", "Passed()"), ("predict", "CheckFailed('passed')"), ("update", "TimeUp()"),
                        ("margin", "type('x' * 10_000, (Passed,), {})('\\0\\x1b[2J' * 1000)")):
        answer(notebook, name, f"def {name}(*args):\n    raise {error}")
    return notebook


# Before, between and after the checks ----------------------------------------------------------------------------


@forging("atexit and fork hooks", SMALL, fools_nbgrader=True)
def at_exit_and_at_fork(notebook):
    """Patches the helpers when the process forks, ends, or collects garbage."""
    add(answer_rest(notebook, "0"), WORDS)
    return add(notebook, """
        import atexit, gc, os, weakref
        def patch(*args):
            globals()["close"] = lambda *args: True
            np.testing.assert_allclose = lambda *args, **kwargs: None
        def patch_and_speak():
            patch()
            speak()
        atexit.register(patch_and_speak)
        os.register_at_fork(before=patch, after_in_child=patch, after_in_parent=patch)
        gc.callbacks.append(patch)
        weakref.finalize(np.testing, patch_and_speak)""", after="double")


@forging("threads", SMALL, fools_nbgrader=True)
def busy_thread(notebook):
    """Patches the helpers again and again beside the checks, and leaves a process that does so."""
    return add(answer_rest(notebook, "0"), """
        import os, subprocess, sys, threading, time
        def patching():
            while True:
                globals()["close"] = lambda *args: True
                np.testing.assert_allclose = lambda *args, **kwargs: None
                time.sleep(0.001)
        threading.Thread(target=patching, daemon=True).start()
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(120)", "left-by-hostile"],
                         start_new_session=True)
        if os.fork() == 0:
            os.setsid()
            time.sleep(120)
            os._exit(0)
        time.sleep(0.01)""")


@forging("signal handlers", SMALL, fools_nbgrader=True, honest=BROKEN, states=("crashed", "timeout"))
def signal_handlers(notebook):
    """Patches the helpers from a timer's signal, and ignores every signal that would end it."""
    return add(answer_rest(notebook, "0"), """
        import signal, time
        def patch(*args):
            globals()["close"] = lambda *args: True
            np.testing.assert_allclose = lambda *args, **kwargs: None
        for number in set(signal.valid_signals()) - {signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD, signal.SIGINT}:
            try:
                signal.signal(number, patch)
            except (OSError, ValueError):
                pass
        signal.setitimer(signal.ITIMER_REAL, 0.001, 0.02)
        time.sleep(0.05)""")


@forging("tracing", SMALL, fools_nbgrader=True)
def tracer(notebook):
    """Sets a trace function that exchanges what the helper is given."""
    return add(answer_rest(notebook, "0"), """
        import sys, threading
        def trace(frame, event, arg):
            for yours, wanted in (("yours", "expected"), ("actual", "desired")):
                if yours in frame.f_locals and wanted in frame.f_locals:
                    frame.f_locals[yours] = frame.f_locals[wanted]
            return trace
        sys.settrace(trace)
        threading.settrace_all_threads = None
        threading.settrace(trace)
        sys.setprofile(lambda frame, event, arg: None)""", after="area")


@forging("tracing: in the checks", PERCEPTRON, fools_nbgrader=True)
def tracer_in_the_checks(notebook):
    """Sets a trace function, from within an answer, that exchanges what is compared."""
    return add(answer_rest(notebook, "0"), """
        import sys
        def trace(frame, event, arg):
            if frame.f_code.co_name == "same" and "expected" in frame.f_locals:
                frame.f_locals["yours"] = frame.f_locals["expected"]
            return trace
        sys.settrace(trace)""")


@forging("frame walks", PERCEPTRON, fools_nbgrader=True)
def oracle_found_in_a_frame(notebook):
    """Looks for the check among its callers and asks its oracle."""
    add(notebook, """
        import sys
        def found(*args):
            frame = sys._getframe()
            while frame:
                task = frame.f_locals.get("self")
                if hasattr(task, "oracle"):
                    return task.oracle(*args)
                frame = frame.f_back""")
    for name in ("weighted_sum", "predict", "update", "margin", "train"):
        answer(notebook, name, f"def {name}(*args):\n    return found(*args)")
    return notebook


@forging("gc walks", PERCEPTRON, fools_nbgrader=True)
def oracle_found_by_gc(notebook):
    """Looks for the checks, and for functions like their oracles, among all objects of the process."""
    add(notebook, """
        import gc, types
        tools = []
        NAMES = {"weighted_sum": "sum_by_hand", "predict": "decide_one_by_one", "update": "correct_by_cases",
                 "margin": "smallest_distance", "train": "train_by_counting"}
        def found(name, *args):
            for thing in gc.get_objects():
                if isinstance(thing, types.FunctionType) and thing.__name__ == NAMES[name]:
                    return thing(*args)
                if type(thing).__name__ == "Task" and getattr(thing, "name", None) == name:
                    return thing.oracle(*args)
        tools.append(found)""")
    for name in ("weighted_sum", "predict", "update", "margin", "train"):
        answer(notebook, name, f"def {name}(*args):\n    return tools[0]({name!r}, *args)")
    return notebook


@forging("inspect.stack walks", SMALL, fools_nbgrader=True)
def expectation_read_in_the_stack(notebook):
    """Reads, in the cell that calls it, what its result is compared with."""
    add(notebook, """
        import inspect, re
        def wanted(pattern, args):
            for info in inspect.stack():
                texts = [info.frame.f_globals.get("In", [""])[-1], "".join(info.code_context or [])]
                for given, expected in re.findall(pattern, "\\n".join(texts)):
                    if given.replace(" ", "") == repr(args).replace(" ", ""):
                        return eval(expected)""")
    return answer(notebook, "mean", """
        def mean(values):
            return wanted(r"mean\\((\\[.*?\\])\\), (\\d+)", values)""")


@forging("answers cached from visible cases", SMALL, fools_nbgrader=True,
         honest={"check_double": 2, "check_mean": 1})
def visible_cases_by_heart(notebook):
    """Knows the results of the visible tests, and no others."""
    known = {"area": {(2.0, 3.0): 6.0}, "estimate": {(2,): 2**0.5}, "divisors": {(12,): [1, 2, 3, 4, 6, 12]}}
    for name, table in known.items():
        answer(notebook, name, f"def {name}(*args):\n    return {table!r}.get(args, 0)")
    return answer(notebook, "mean", "def mean(values):\n    return 2")


def _cases_without_a_seed(name: str) -> list:
    """Return what every learner can see: the cases made without a class's seed, and their results."""
    from introdl.checks import perceptron
    task = perceptron.unit.tasks[name]
    with_seed_0 = list(task.cases(np.random.default_rng([0, __import__("zlib").crc32(name.encode())])))
    return [([np.asarray(arg).tolist() for arg in args], np.asarray(task.oracle(*args)).tolist())
            for args in with_seed_0]


def _table_of(notebook: dict, name: str, otherwise: str) -> dict:
    return answer(notebook, name, f"""
TABLE_{name} = {_cases_without_a_seed(name)!r}

def {name}(*args):
    mine = [np.asarray(arg).tolist() for arg in args]
    for given, result in TABLE_{name}:
        if given == mine:
            return np.array(result) if isinstance(result, list) else result
    {otherwise}""")


@forging("functions that detect grading: the seed", PERCEPTRON, fools_nbgrader=True)
def seed_put_to_zero(notebook):
    """Takes the class's seed out of the environment, so that the cases are those that it knows by heart."""
    add(notebook, "import os\nos.environ['INTRODL_SEED'] = '0'\nos.putenv('INTRODL_SEED', '0')")
    for name in ("weighted_sum", "margin"):
        _table_of(notebook, name, "return 0")
    return notebook


@forging("functions that detect grading: the surroundings", PERCEPTRON, fools_nbgrader=True)
def graded_or_not(notebook):
    """Behaves like a stub at home, and asks whoever knows the answer where it is graded."""
    add(notebook, """
        import os, sys
        from introdl.checks import perceptron as given
        tools = []
        if any(name in os.environ for name in ("INTRODL_SEED", "INTRODL_QUIET", "NBGRADER_EXECUTION")) or any(
                name.split(".")[0] in ("nbgrader", "autograder") for name in sys.modules):
            tools.append(given)""")
    for name in ("weighted_sum", "predict", "update", "margin"):
        answer(notebook, name, f"""
            def {name}(*args):
                if not tools:
                    raise NotImplementedError()
                return tools[0].{name}.oracle(*args)""")
    return notebook


# Exceptions that end a check -------------------------------------------------------------------------------------


@forging("StopIteration ends a check", SMALL, fools_nbgrader=True, honest={})
def stop_iteration(notebook):
    """Knows one result and stops the loop over the others."""
    return answer(notebook, "double", """
        def double(n):
            if n == 3:
                return 6
            raise StopIteration""")


@forging("SystemExit ends a check", SMALL, fools_nbgrader=False, honest={"check_double": (0, 2)},
         states=("crashed",))
def system_exit(notebook):
    """Leaves, by every door, as if all were well."""
    for name, door in (("area", "raise SystemExit(0)"), ("mean", "exit()"), ("estimate", "import os; os._exit(0)"),
                       ("divisors", "quit(0)")):
        answer(notebook, name, f"def {name}(*args):\n    {door}")
    return notebook


@forging("KeyboardInterrupt and GeneratorExit end a check", PERCEPTRON, fools_nbgrader=False, states=("crashed",))
def interrupts(notebook):
    """Raises what is meant to pass through every handler."""
    doors = ("KeyboardInterrupt", "GeneratorExit", "StopIteration", "StopAsyncIteration", "asyncio.CancelledError",
             "type('Own', (BaseException,), {})")
    add(notebook, "import asyncio")
    for name, door in zip([name for name in TASKS[PERCEPTRON] if name != EASY[PERCEPTRON][0]], doors, strict=True):
        answer(notebook, name, f"def {name}(*args):\n    raise {door}()")
    return notebook

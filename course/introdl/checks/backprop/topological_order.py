"""Task of unit 03: the nodes of a graph, each after all that it needs."""

from introdl.checks.task import Task

NEURON = {
    "L": ["e", "e"],
    "e": ["h", "t"],
    "h": ["z"],
    "z": ["u", "b"],
    "u": ["w", "x"],
    "w": [],
    "x": [],
    "b": [],
    "t": [],
}


def random_graph(rng, num_nodes):
    """A graph whose nodes are computed from up to three earlier ones each; its keys come in random order."""
    names = [f"n{k}" for k in range(num_nodes)]
    inputs = {
        name: [names[i] for i in rng.integers(0, k, size=int(rng.integers(0, 4)))] if k else []
        for k, name in enumerate(names)
    }
    inputs[names[-1]] += names[-2:-1]
    return {names[i]: inputs[names[i]] for i in rng.permutation(num_nodes)}, names[-1]


def graphs(rng):
    yield {"y": ["u", "v"], "v": ["u"], "u": ["x", "x"], "x": []}, "y"
    yield NEURON, "L"
    yield NEURON, "z"  # the rest of the graph is not needed for it
    yield {"x": []}, "x"
    yield {"c0": [], **{f"c{k}": [f"c{k - 1}"] for k in range(1, 200)}}, "c199"
    ladder = {f"a{k}": [f"a{k - 1}", f"b{k - 1}"] for k in range(1, 8)} | {
        f"b{k}": [f"b{k - 1}", f"a{k - 1}"] for k in range(1, 8)
    }
    yield ladder | {"a0": [], "b0": []}, "a7"
    for num_nodes in (4, 8, 15):
        yield random_graph(rng, num_nodes)


def needed(graph, end):
    """The nodes that `end` depends on, itself included."""
    found, queue = {end}, [end]
    while queue:
        new = set(graph[queue.pop()]) - found
        found |= new
        queue += new
    return found


def order_problem(args, order):
    graph, end = args
    if not isinstance(order, (list, tuple)):
        return "Return a list of names."
    unknown = [name for name in order if name not in graph]
    twice = [name for name in order if order.count(name) > 1]
    missing, more = needed(graph, end) - set(order), set(order) - needed(graph, end)
    if unknown:
        return f"There is no node {unknown[0]!r} in this graph."
    if missing:
        return (
            f"{min(missing)!r} is missing: {end!r} depends on it."
            if end not in missing
            else f"{end!r} itself is missing: it comes last."
        )
    if more:
        return f"{min(more)!r} is listed, but {end!r} does not depend on it."
    if twice:
        return f"{twice[0]!r} is listed {order.count(twice[0])} times: every node belongs into the order once."
    for place, name in enumerate(order):
        late = [source for source in graph[name] if source not in order[:place]]
        if late:
            return f"{name!r} stands before {late[0]!r}, from which it is computed."
    return None


topological_order = Task(
    "topological_order",
    ("graph", "end"),
    graphs,
    judge=order_problem,
    hints=(
        "A node may be listed only after all its inputs. So first deal with the inputs of `end`, and list "
        "`end` after them.",
        "Write an inner function visit(name): it visits each input first, then appends the name. A set "
        "remembers who has been visited, so that nobody is listed twice.",
        "def visit(name): if name not in seen: seen.add(name); for source in graph[name]: ...; order.append(...)",
    ),
)


def _depth_first(graph, end, *, before=False, remember=True):
    order, seen = [], set()

    def visit(name):
        if remember and name in seen:
            return
        seen.add(name)
        if before:
            order.append(name)
        for source in graph[name]:
            visit(source)
        if not before:
            order.append(name)

    visit(end)
    return order


@topological_order.mistake("You list a value before its inputs. Append it after the loop over its inputs, not before.")
def appends_too_early(graph, end):
    return _depth_first(graph, end, before=True)


@topological_order.mistake(
    "This order is right but backwards. It is the order of the reverse sweep; the "
    "task asks for the forward one, inputs first and the end last (a convention)."
)
def end_first(graph, end):
    return _depth_first(graph, end)[::-1]


@topological_order.mistake(
    "A value that is used twice is listed twice. Remember which values you have visited, and skip those."
)
def lists_twice(graph, end):
    return _depth_first(graph, end, remember=False)


@topological_order.mistake(
    "You ordered by the distance from the end. A value can be close to the end "
    "along one path and far along another: it must wait for its last input."
)
def by_distance(graph, end):
    order = [end]
    for name in order:
        order += [source for source in dict.fromkeys(graph[name]) if source not in order]
    return order[::-1]


@topological_order.mistake(
    "You listed the whole graph. Only what `end` depends on takes part in its sweep: start visiting at `end` alone."
)
def everything(graph, end):
    order = []
    for name in [*graph, end]:
        order += [node for node in _depth_first(graph, name) if node not in order]
    return order


@topological_order.mistake("The end itself is missing. It comes last: append it when all its inputs are listed.")
def without_end(graph, end):
    return _depth_first(graph, end)[:-1]

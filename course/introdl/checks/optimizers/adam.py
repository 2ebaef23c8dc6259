"""Task of unit 06: Adam as a class that keeps its memory from step to step."""

import numpy as np

from introdl.checks.optimizers.parameters import SHAPES, like
from introdl.checks.task import BadAnswer, Task


def walks(rng):
    yield [np.array([1.0, 2.0])], [[np.array([10.0, -0.1])]], 0.1, (0.9, 0.999), 1e-8  # one step: both move by lr
    yield [np.array([1.0])], [[np.array([1.0])], [np.array([-2.0])]], 0.1, (0.5, 0.75), 1e-8
    params = [rng.normal(size=3), rng.normal(size=3)]  # the first never has a slope
    yield params, [[np.zeros(3), like(params, rng)[0]] for _ in range(2)], 0.1, (0.9, 0.999), 1e-8
    yield params, [like(params, rng, 1e-3) for _ in range(3)], 0.1, (0.9, 0.999), 1e-2  # here eps counts
    for shapes in SHAPES:
        params = [rng.normal(size=shape) for shape in shapes]
        betas = float(rng.uniform(0.5, 0.95)), float(rng.uniform(0.8, 0.999))
        yield params, [like(params, rng) for _ in range(4)], float(rng.uniform(0.01, 0.5)), betas, 1e-8
    yield params, [like(params, rng) for _ in range(3)], 0.1, (0.0, 0.9), 1e-8  # beta1 = 0: no rolling ball


def walk(adam_class, params, gradients, lr, betas, eps):
    """Make an optimizer, let it take a step for each list of gradients, and note the parameters after each."""
    optimizer, path = adam_class([p.copy() for p in params], lr, betas, eps), []
    for grads in gradients:
        optimizer.step(grads)
        now = optimizer.params
        if not isinstance(now, (list, tuple)) or len(now) != len(params):
            raise BadAnswer("self.params is no longer a list of all parameters.")
        path.append([np.array(p) for p in now])
    return path


def by_weighted_means(params, gradients, lr, betas, eps):
    """Bias correction makes plain weighted means of m and v: weights beta^age, divided by the sum of the weights."""
    path = []
    for t in range(1, len(gradients) + 1):
        ages = np.arange(t)[::-1]
        now = []
        for k, p in enumerate(path[-1] if path else params):
            seen = np.array([grads[k] for grads in gradients[:t]])  # (t, *shape)
            means = [
                np.average(values, axis=0, weights=np.power(float(beta), ages))
                for values, beta in ((seen, betas[0]), (seen**2, betas[1]))
            ]
            now.append(p - lr * means[0] / (np.sqrt(means[1]) + eps))
        path.append(now)
    return path


Adam = Task(
    "Adam",
    ("params", "gradients", "lr", "betas", "eps"),
    walks,
    by_weighted_means,
    run=walk,
    hints=(
        "In __init__ make what must outlive a step: a list of zeros for m, another for v, one array a parameter in "
        "each, and the number of steps t. In step, count t up once, then go through the parameters.",
        "m is momentum's average with beta1, v is RMSprop's with beta2. Both started at 0, so divide by 1 - beta1**t "
        "and 1 - beta2**t, into new names: m and v themselves stay as they are.",
        "self.t += 1; for k, g in enumerate(grads): self.m[k] = ...; self.v[k] = ...; m_hat = self.m[k] / (1 - ...); "
        "v_hat = ...; self.params[k] -= self.lr * ... / (... + self.eps)",
    ),
)


def _adam_class(
    *,
    correct=lambda value, beta, t: value / (1 - beta**t),
    correct_m=True,
    correct_v=True,
    square=lambda g: g * g,
    scale=lambda v, eps: np.sqrt(v) + eps,
    count="a step",
    start=0,
    swap=False,
    shared=False,
    stored=False,
    sign=-1,
    top="m",
    mix=lambda old, new, beta: beta * old + (1 - beta) * new,
    lasting=True,
):
    """Return a class Adam with one thing done differently; the mistakes below say which."""

    class Adam:
        def __init__(self, params, lr, betas, eps):
            self.params, self.lr, self.eps, self.t = params, lr, eps, start
            self.betas = betas[::-1] if swap else betas
            self.forget()

        def forget(self):
            self.m, self.v = [[np.zeros_like(p) for p in self.params] for _ in "mv"]

        @np.errstate(all="ignore")
        def step(self, grads):
            self.t += count == "a step"
            if not lasting:
                self.forget()
            for k, g in enumerate(grads):
                self.t += count == "a parameter"
                place = 0 if shared else k
                m = mix(self.m[place], g, self.betas[0])
                v = mix(self.v[place], square(g), self.betas[1])
                m_hat = correct(m, self.betas[0], self.t) if correct_m else m
                v_hat = correct(v, self.betas[1], self.t) if correct_v else v
                self.m[place], self.v[place] = (m_hat, v_hat) if stored else (m, v)
                move = self.lr * (g if top == "g" else m_hat) / scale(v_hat, self.eps)
                self.params[k] = self.params[k] + sign * move
            self.t += count == "afterwards"

    return Adam


class moved_a_name(_adam_class()):
    """`p = p - …` in a loop gives a new array the name p; the list keeps the old one."""

    def step(self, grads):
        kept = list(self.params)
        super().step(grads)
        self.params[:] = kept


for _sentence, _change in {
    "The bias correction is missing. m and v start at 0 and are too small at first: divide m by 1 - beta1**t and v by "
    "1 - beta2**t.": {"correct_m": False, "correct_v": False},
    "Only m is corrected for its start at 0. v needs it more, because beta2 is closer to 1: v_hat = v / (1 - "
    "beta2**t).": {"correct_v": False},
    "Only v is corrected for its start at 0: m_hat = m / (1 - beta1**t) is missing, so your first steps are too "
    "short.": {"correct_m": False},
    "You correct by 1 - beta at every step. That is right at the first one only: the start at 0 fades, 1 - beta**t.": {
        "correct": lambda value, beta, t: value / (1 - beta)
    },
    "You correct by 1 - beta * t. It is a power, 1 - beta**t: every step keeps the share beta of what was there.": {
        "correct": lambda value, beta, t: value / (1 - beta * t)
    },
    "Steps are counted from 1. At t = 0 the correction divides by 1 - beta**0 = 0: count t up before you use it.": {
        "count": "afterwards"
    },
    "t is counted up for every parameter. It counts steps: once a call of step, before the loop.": {
        "count": "a parameter"
    },
    "t is one too high: the first step has t = 1. Start t at 0 and count it up once at the beginning of step.": {
        "start": 1
    },
    "The gradient is not squared in v: slopes up and down cancel, and a root of a negative number is NaN. Average g "
    "* g.": {"square": lambda g: g},
    "eps stands under the root: sqrt(v_hat + eps). A convention: here, as in PyTorch, it is added to the root, "
    "sqrt(v_hat) + eps.": {"scale": lambda v, eps: np.sqrt(v + eps)},
    "The root is missing: you divide by v_hat. Divide by sqrt(v_hat) + eps.": {"scale": lambda v, eps: v + eps},
    "eps is missing. A weight that never had a slope is 0 divided by 0, NaN: divide by sqrt(v_hat) + eps.": {
        "scale": lambda v, eps: np.sqrt(v)
    },
    "The two betas are swapped: betas[0] belongs to m, betas[1] to v.": {"swap": True},
    "m and v are shared across the parameters: what one leaves behind, the next one takes up. Make a list with zeros "
    "for each parameter.": {"shared": True},
    "You stored the corrected m and v, so they are corrected again at the next step. Keep m and v as they are, and "
    "give the corrected ones other names.": {"stored": True},
    "You step along m, uphill. Subtract the step.": {"sign": +1},
    "The step uses the gradient g itself. In Adam it is m_hat, the corrected average, that is divided by the root.": {
        "top": "g"
    },
    "The factor 1 - beta is missing at what is new: m and v are averages, beta * old + (1 - beta) * new.": {
        "mix": lambda old, new, beta: beta * old + new
    },
    "beta and 1 - beta are swapped: beta is the share of the old average that is kept.": {
        "mix": lambda old, new, beta: (1 - beta) * old + beta * new
    },
    "m and v start at 0 in every step, so nothing is remembered. Make them in __init__, and change them in step.": {
        "lasting": False
    },
}.items():
    Adam.mistake(_sentence)(_adam_class(**_change))
Adam.mistake(
    "The parameters do not move. `p = p - ...` gives a new array the name p, and the list keeps the old one: write "
    "p -= ... or self.params[k] = ..."
)(moved_a_name)

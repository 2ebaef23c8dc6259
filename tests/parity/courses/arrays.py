"""Arrays and nets: NumPy, matplotlib and torch, tested with np.testing and torch's own comparisons.

Arrays are made in read-only cells and changed in place, seeds are set in tests, figures are looked at, modules of the
student and of the test are trained, and some tests need the student's objects themselves.
"""

from tests.parity.cells import check, code, course, locked, manual_code, manual_text, solution, text

HELPERS = '''
rng = np.random.default_rng(0)
X = rng.normal(5, 2, (40, 3))
labels = (X[:, 0] > 5).astype(int)
TARGETS = torch.tensor(labels, dtype=torch.float32)


def accuracy(y_hat, y):
    """Return the share of right answers."""
    return float(np.mean(np.asarray(y_hat) == np.asarray(y)))
'''
STANDARDISE = '''
def standardise(X):
    """Return the columns of X with mean 0 and standard deviation 1, as a new array."""
    ### BEGIN SOLUTION
    with np.errstate(invalid="ignore"):
        return (X - X.mean(axis=0)) / X.std(axis=0)
    ### END SOLUTION


# Z: the columns of X standardised; means: the means of X's columns
### BEGIN SOLUTION
Z = standardise(X)
means = X.mean(axis=0)
### END SOLUTION
'''
IN_PLACE = '''
def clip_(X, low, high):
    """Bring the numbers of X between low and high, in place; return None."""
    ### BEGIN SOLUTION
    np.clip(X, low, high, out=X)
    ### END SOLUTION


def swap_rows(X, i, j):
    """Swap two rows of X in place; return X itself."""
    ### BEGIN SOLUTION
    X[[i, j]] = X[[j, i]]
    return X
    ### END SOLUTION
'''
SHAPES = '''
def one_hot(y, num_classes):
    """Return a row for each label, 1.0 in the label's column."""
    ### BEGIN SOLUTION
    return np.eye(num_classes)[y]
    ### END SOLUTION


def flat_view(X):
    """Return the numbers of X in one row, without copying them."""
    ### BEGIN SOLUTION
    return X.reshape(-1)
    ### END SOLUTION
'''
RANDOM = '''
def noise(n):
    """Return n normal numbers from NumPy's global generator."""
    ### BEGIN SOLUTION
    return np.random.normal(size=n)
    ### END SOLUTION


def sample(X, n, rng):
    """Return n different rows of X, drawn with rng.choice."""
    ### BEGIN SOLUTION
    return X[rng.choice(len(X), size=n, replace=False)]
    ### END SOLUTION


# walk: where a random walk of 100 steps of -1 or 1 is after each step, with seed 4 and np.random.choice
### BEGIN SOLUTION
np.random.seed(4)
walk = np.cumsum(np.random.choice([-1, 1], size=100))
### END SOLUTION
'''
DIFFERENCE = '''
def derivative(f, x, h=1e-5):
    """Return the central difference of a function at a number or at each number of an array."""
    ### BEGIN SOLUTION
    return (f(x + h) - f(x - h)) / (2 * h)
    ### END SOLUTION


def minimise(f, x, lr, steps, callback=None):
    """Go steps against the derivative; call callback(step, x) after each. Return x."""
    ### BEGIN SOLUTION
    for step in range(steps):
        x = x - lr * derivative(f, x)
        if callback is not None:
            callback(step, x)
    return x
    ### END SOLUTION
'''
PLOT = '''
def plot_columns(ax, X):
    """Plot the first two columns of X against each other into ax, with labels and a title."""
    ### BEGIN SOLUTION
    ax.scatter(X[:, 0], X[:, 1])
    ax.set_xlabel("column 0")
    ax.set_ylabel("column 1")
    ax.set_title(f"{len(X)} points")
    ### END SOLUTION


# fig, ax: a figure with the line of walk, titled "walk"
### BEGIN SOLUTION
fig, ax = plt.subplots()
ax.plot(walk, label="walk")
ax.set_title("walk")
ax.legend()
### END SOLUTION
'''
NET = '''
class Net(nn.Module):
    """A layer of `hidden` units with ReLU between two linear layers, called hidden and out."""
    ### BEGIN SOLUTION
    def __init__(self, num_features, hidden):
        super().__init__()
        self.hidden = nn.Linear(num_features, hidden)
        self.out = nn.Linear(hidden, 1)

    def forward(self, X):
        return self.out(torch.relu(self.hidden(X))).squeeze(1)
    ### END SOLUTION
'''
TENSORS = '''
def gradient(f, x):
    """Return the gradient of a function of a tensor, by autograd."""
    ### BEGIN SOLUTION
    x = x.clone().requires_grad_()
    f(x).backward()
    return x.grad
    ### END SOLUTION


def num_parameters(module):
    """Return how many numbers a module learns."""
    ### BEGIN SOLUTION
    return sum(parameter.numel() for parameter in module.parameters() if parameter.requires_grad)
    ### END SOLUTION


def freeze(module):
    """Let a module learn no more."""
    ### BEGIN SOLUTION
    for parameter in module.parameters():
        parameter.requires_grad = False
    ### END SOLUTION


def scale_(x, factor):
    """Multiply a tensor by a factor, in place."""
    ### BEGIN SOLUTION
    x.mul_(factor)
    ### END SOLUTION
'''
TRAIN = '''
def train(net, X, y, lr=0.1, num_epochs=50):
    """Train with gradient descent on the binary cross-entropy of the logits; return the loss of each epoch, floats."""
    ### BEGIN SOLUTION
    optimiser = torch.optim.SGD(net.parameters(), lr=lr)
    losses = []
    for _ in range(num_epochs):
        loss = nn.functional.binary_cross_entropy_with_logits(net(X), y)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return losses
    ### END SOLUTION
'''

CHECKS = {"standardise": (2, '''
before = X.copy()
result = standardise(X)
assert isinstance(result, np.ndarray) and result.shape == (40, 3) and result.dtype == np.float64
np.testing.assert_allclose(result.mean(axis=0), 0, atol=1e-12)
np.testing.assert_allclose(result.std(axis=0), [1, 1, 1])
np.testing.assert_array_equal(X, before, "standardise must not change what it is given")
assert result is not X
### BEGIN HIDDEN TESTS
np.testing.assert_allclose(standardise(np.array([[1.0, 2.0], [3.0, 6.0]])), [[-1, -1], [1, 1]])
### END HIDDEN TESTS
'''), "values": (1, '''
"""goes on with the result of the test above"""
np.testing.assert_allclose(Z, result)
np.testing.assert_array_almost_equal(means, X.mean(0))
assert means.ndim == 1 and len(means) == 3 and abs(Z.sum()) < 1e-9
assert (Z ** 2).mean() - 1 < 1e-9 and Z[3, 1] == Z[3][1] and Z.T.shape == (3, 40)
'''), "constant_column": (1, '''
"""a column without spread gives what is not a number"""
assert np.isnan(standardise(np.ones((3, 1)))).all()
'''), "clip": (2, '''
A = np.array([[-5.0, 0.5], [2.0, 9.0]])
B = A
assert clip_(A, 0, 1) is None
np.testing.assert_array_equal(A, [[0, 0.5], [1, 1]])
assert B is A
C = np.arange(6.0)
clip_(C[2:], 3, 4)
np.testing.assert_array_equal(C, [0, 1, 3, 3, 4, 4])
'''), "swap_rows": (1, '''
A = np.arange(6).reshape(3, 2)
assert swap_rows(A, 0, 2) is A
assert A.tolist() == [[4, 5], [2, 3], [0, 1]]
'''), "one_hot": (2, '''
np.testing.assert_array_equal(one_hot(np.array([1, 0]), 3), [[0, 1, 0], [1, 0, 0]])
assert one_hot(labels, 2).sum() == len(labels) and one_hot(labels, 2).shape == (40, 2)
assert np.array_equal(one_hot(labels, 2).argmax(axis=1), labels)
assert accuracy(one_hot(labels, 2)[:, 1], labels) == 1
'''), "flat_view": (1, '''
"""what one writes into the view is in the array"""
A = np.zeros((2, 3))
view = flat_view(A)
assert view.shape == (6,) and np.shares_memory(view, A)
view[4] = 7
assert A[1, 1] == 7
'''), "random": (2, '''
np.random.seed(1)
drawn = noise(3)
np.random.seed(1)
np.testing.assert_array_equal(drawn, noise(3))
np.random.seed(1)
np.testing.assert_array_equal(drawn, np.random.normal(size=3))
assert not np.array_equal(noise(3), noise(3))
'''), "sample": (2, '''
rows = sample(X, 4, np.random.default_rng(5))
np.testing.assert_array_equal(rows, X[np.random.default_rng(5).choice(40, size=4, replace=False)])
generator = np.random.default_rng(6)
assert not np.array_equal(sample(X, 4, generator), sample(X, 4, generator)), "the generator goes on"
'''), "walk": (1, '''
np.random.seed(4)
np.testing.assert_array_equal(walk, np.cumsum(np.random.choice([-1, 1], size=100)))
'''), "derivative": (3, '''
"""a third each: numbers, arrays, the path"""
points = 0
points += np.isclose(derivative(lambda x: x ** 3, 2.0), 12)
try:
    points += np.allclose(derivative(np.sin, np.array([0.0, np.pi])), [1, -1])
    path = []
    x = minimise(lambda x: (x - 3) ** 2, 0.0, lr=0.25, steps=4, callback=lambda step, x: path.append((step, x)))
    points += [step for step, _ in path] == [0, 1, 2, 3] and bool(np.isclose(x, 2.8125)) and path[-1][1] == x
except Exception as error:
    print(repr(error))
int(points)
'''), "plot": (2, '''
figure, axes = plt.subplots()
plot_columns(axes, X[:7])
assert axes.get_title() == "7 points" and axes.get_xlabel() == "column 0"
np.testing.assert_allclose(axes.collections[0].get_offsets(), X[:7, :2])
plt.close(figure)
'''), "figure": (2, '''
assert ax.get_title() == "walk" and len(ax.lines) == 1
np.testing.assert_array_equal(ax.lines[0].get_ydata(), walk)
assert [label.get_text() for label in ax.get_legend().get_texts()] == ["walk"]
assert fig.axes[0] is ax
'''), "drawn": (1, '''
"""the figure is drawn, and something is on it"""
import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
assert isinstance(ax, matplotlib.axes.Axes) and all(isinstance(line, matplotlib.lines.Line2D) for line in ax.lines)
canvas = FigureCanvasAgg(fig)
canvas.draw()
assert len(np.unique(np.asarray(canvas.buffer_rgba()).reshape(-1, 4), axis=0)) > 2
'''), "net": (3, '''
torch.manual_seed(0)
net = Net(3, 5)
assert isinstance(net, nn.Module) and issubclass(Net, nn.Module)
assert isinstance(net.hidden, nn.Linear) and net.hidden.weight.shape == (5, 3) and net.out.bias.shape == (1,)
assert sum(p.numel() for p in net.parameters()) == 3 * 5 + 5 + 5 + 1
assert {name for name, _ in net.named_parameters()} == {"hidden.weight", "hidden.bias", "out.weight", "out.bias"}
x = torch.tensor(X, dtype=torch.float32)
y_hat = net(x)
assert y_hat.shape == (40,) and y_hat.dtype == torch.float32
with torch.no_grad():
    by_hand = torch.relu(x @ net.hidden.weight.T + net.hidden.bias) @ net.out.weight[0] + net.out.bias
torch.testing.assert_close(y_hat.detach(), by_hand)
'''), "net_state": (2, '''
"""weights that the test sets, and modes"""
state = {name: torch.ones_like(value) for name, value in net.state_dict().items()}
net.load_state_dict(state)
assert net(torch.tensor([[1.0, 2.0, 3.0]])).item() == 5 * 7 + 1
net.eval()
assert not net.training and net.train().training
with torch.no_grad():
    net.out.weight.zero_()
    net.out.bias.fill_(4)
assert torch.equal(net(torch.zeros(2, 3)), torch.tensor([4.0, 4.0]))
'''), "net_gradients": (2, '''
"""gradients reach the first layer"""
torch.manual_seed(1)
net = Net(3, 5)
loss = (net(x) - TARGETS).pow(2).mean()
loss.backward()
assert net.hidden.weight.grad is not None and net.hidden.weight.grad.abs().sum() > 0
assert all(p.grad is not None for p in net.parameters())
'''), "gradient": (2, '''
torch.testing.assert_close(gradient(lambda x: (x ** 2).sum(), torch.tensor([1.0, -2.0])), torch.tensor([2.0, -4.0]))
x0 = torch.tensor([0.5])
gradient(torch.sum, x0)
assert x0.grad is None and not x0.requires_grad
'''), "parameters": (2, '''
assert num_parameters(nn.Linear(3, 2)) == 8
layers = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1, bias=False))
assert num_parameters(layers) == 8
freeze(layers[0])
assert not any(p.requires_grad for p in layers[0].parameters()) and layers[2].weight.requires_grad
assert num_parameters(layers) == 2
'''), "scale": (1, '''
t = torch.arange(3.0)
alias = t
scale_(t, 2)
assert t.tolist() == [0, 2, 4] and alias is t
'''), "train": (4, '''
torch.manual_seed(2)
net = Net(3, 8)
before = {name: value.clone() for name, value in net.state_dict().items()}
losses = train(net, torch.tensor(Z, dtype=torch.float32), TARGETS, lr=0.5, num_epochs=40)
assert isinstance(losses, list) and len(losses) == 40 and all(isinstance(loss, float) for loss in losses)
assert losses[-1] < losses[0] / 2
assert any(not torch.equal(before[name], value) for name, value in net.state_dict().items())
y_hat = net(torch.tensor(Z, dtype=torch.float32)) > 0
assert accuracy(y_hat, labels) > 0.9
'''), "train_any": (2, '''
"""train works for a module of the test's own"""
class Line(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.zeros(1))

    def forward(self, X):
        return (X * self.w).squeeze(1)

line = Line()
history = train(line, torch.tensor([[1.0], [-1.0]]), torch.tensor([1.0, 0.0]), lr=1.0, num_epochs=5)
assert len(history) == 5 and line.w.item() > 0.5
np.testing.assert_allclose(history[0], np.log(2), rtol=1e-5)
''')}
IN_PROCESS = {  # what these do to the student's objects can only be done in the student's process
    "check_flat_view": "looks whether two arrays share memory",
    "check_plot": "hands axes of its own to the student's function",
    "check_drawn": "lets matplotlib's C code draw the student's figure",
    "check_net": "looks for the library's classes within the student's net",
    "check_net_state": "changes the student's weights in place",
    "check_net_gradients": "goes back through the student's graph",
    "check_gradient": "lets the student's code go back through a function of the test's own",
    "check_parameters": "hands modules of its own to the student's functions",
    "check_train_any": "hands a module of its own to the student's function",
}
NEEDS = ("check_drawn",)  # for this there is no other way


def tests(*names):
    """Return the check cells of these names."""
    return [check(f"check_{name}", *CHECKS[name]) for name in names]


def source():
    """Return the source notebook."""
    return course(
        text("title", "# Arrays and nets"),
        code("imports", "%matplotlib inline\nimport matplotlib.pyplot as plt\nimport numpy as np\nimport torch\n"
                        "from torch import nn"),
        locked("helpers", HELPERS),
        solution("standardise", STANDARDISE), *tests("standardise", "values", "constant_column"),
        solution("in_place", IN_PLACE), *tests("clip", "swap_rows"),
        solution("shapes", SHAPES), *tests("one_hot", "flat_view"),
        solution("random", RANDOM), *tests("random", "sample", "walk"),
        solution("difference", DIFFERENCE), *tests("derivative"),
        solution("plot", PLOT), *tests("plot", "figure", "drawn"),
        manual_code("own_plot", 2, "plt.hist(X[:, 0])\nplt.title('column 0');"),
        solution("net", NET), *tests("net", "net_state", "net_gradients"),
        solution("tensors", TENSORS), *tests("gradient", "parameters", "scale"),
        solution("train", TRAIN), *tests("train", "train_any"),
        manual_text("reflect", 2, "With standardised features one learning rate fits all weights."))

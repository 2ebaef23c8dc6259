"""Other correct ways to write the tasks of unit 03; each must pass its check."""

import math

import numpy as np


def topological_order__counting_users(graph, end):
    """Start at the end; a name is ready when everyone who uses it is listed (Kahn's algorithm, from the back)."""
    needed, queue = {end}, [end]
    while queue:
        new = set(graph[queue.pop()]) - needed
        needed |= new
        queue += new
    users = {name: sum(name in graph[other] for other in needed) for name in needed}
    ready, order = [end], []
    while ready:
        name = ready.pop()
        order.append(name)
        for source in set(graph[name]):
            users[source] -= 1
            if users[source] == 0:
                ready.append(source)
    return order[::-1]


def topological_order__with_a_stack(graph, end):
    order, stack = [], [end]
    while stack:
        name = stack[-1]
        waiting = [source for source in graph[name] if source not in order]
        if waiting:
            stack.append(waiting[0])
        else:
            stack.pop()
            if name not in order:
                order.append(name)
    return order


class Value__closures:
    """Every result keeps a function that passes its slope on."""

    def __init__(self, data, inputs=()):
        self.data, self.inputs, self.grad = data, inputs, 0.0
        self.pass_back = lambda: None

    def __add__(self, other):
        out = Value__closures(self.data + other.data, (self, other))

        def pass_back():
            self.grad += out.grad
            other.grad += out.grad

        out.pass_back = pass_back
        return out

    def __mul__(self, other):
        out = Value__closures(self.data * other.data, (self, other))

        def pass_back():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out.pass_back = pass_back
        return out

    def tanh(self):
        out = Value__closures(math.tanh(self.data), (self,))

        def pass_back():
            self.grad += (1 - out.data**2) * out.grad

        out.pass_back = pass_back
        return out

    def backward(self):
        order = []

        def visit(value):
            for source in value.inputs:
                if source not in order:
                    visit(source)
            if value not in order:
                order.append(value)

        visit(self)
        for value in order:
            value.grad = 0.0
        self.grad = 1.0
        for value in order[::-1]:
            value.pass_back()


class Value__tape:
    """Values are made inputs first, so the order of their making, read backwards, is an order for the sweep."""

    made = []

    def __init__(self, data, inputs=()):
        self.data, self.inputs, self.grad = data, inputs, 0.0
        self.made.append(self)

    def __add__(self, other):
        return Value__tape(self.data + other.data, [(self, 1), (other, 1)])

    def __mul__(self, other):
        return Value__tape(self.data * other.data, [(self, other.data), (other, self.data)])

    def tanh(self):
        return Value__tape(np.tanh(self.data), [(self, 1 / np.cosh(self.data) ** 2)])

    def backward(self):
        self.grad = 1.0
        for value in self.made[::-1]:
            for source, slope in value.inputs:
                source.grad = source.grad + slope * value.grad


def dense_backward__einsum(dY, X, W):
    return np.einsum("nc,dc->nd", dY, W), np.einsum("nd,nc->dc", X, dY), np.einsum("nc->c", dY)


def dense_backward__example_by_example(dY, X, W):
    dX, dW, db = np.zeros(X.shape), np.zeros(W.shape), np.zeros(W.shape[1])
    for n in range(len(X)):
        dX[n] = W @ dY[n]
        dW += np.outer(X[n], dY[n])
        db += dY[n]
    return [dX, dW, db]


def softmax_cross_entropy_backward__one_hot(logits, y):
    N, C = logits.shape
    log_p = logits - logits.max(axis=1, keepdims=True)
    log_p = log_p - np.log(np.exp(log_p).sum(axis=1, keepdims=True))
    return (np.exp(log_p) - (np.arange(C) == y[:, None])) / N


def numerical_gradient__shifted_copies(f, x, eps=1e-5):
    nudges = eps * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + nudge) - f(x - nudge)) / (2 * eps) for nudge in nudges]).reshape(x.shape)


def numerical_gradient__flat_view(f, x, eps=1e-5):
    work = x.copy()
    flat, slopes = work.reshape(-1), []
    for i in range(flat.size):
        flat[i] = x.flat[i] + eps
        slope = f(work)
        flat[i] = x.flat[i] - eps
        slopes.append((slope - f(work)) / 2 / eps)
        flat[i] = x.flat[i]
    return np.reshape(slopes, x.shape)


def train_step__gate_by_output(X, y, params, lr):
    W1, b1, W2, b2 = params
    hidden = (X @ W1 + b1).clip(min=0)
    logits = hidden @ W2 + b2
    p = np.exp(logits - logits.max(axis=1)[:, None])
    p /= p.sum(axis=1)[:, None]
    one_hot = np.eye(logits.shape[1])[y]
    top = logits.max(axis=1)
    loss = np.mean(top + np.log(np.exp(logits - top[:, None]).sum(axis=1)) - (logits * one_hot).sum(axis=1))
    back = (p - one_hot) / len(X)
    hidden_back = np.where(hidden > 0, back @ W2.T, 0)
    return loss, (W1 - lr * X.T @ hidden_back, b1 - lr * hidden_back.sum(axis=0),
                  W2 - lr * hidden.T @ back, b2 - lr * back.sum(axis=0))


def train__split(X, y, params, lr, batch_size, num_epochs, rng):
    losses = []
    for _ in range(num_epochs):
        order = rng.permutation(len(X))
        for batch in np.split(order, range(batch_size, len(X), batch_size)):
            loss, params = train_step__gate_by_output(X[batch], y[batch], params, lr)
            losses.append(loss)
    return params, losses

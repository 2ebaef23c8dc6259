"""Other correct ways to write the tasks of unit 06; each must pass its check."""

import numpy as np


def minibatches__split(X, y, batch_size, rng):
    order = rng.permutation(len(X))
    return [(X[batch], y[batch]) for batch in np.split(order, range(batch_size, len(X), batch_size))]


def minibatches__shuffled_places(X, y, batch_size, rng):
    """Shuffle the places in place: the generator gives the same order as `permutation`."""
    places, batches = np.arange(len(X)), []
    rng.shuffle(places)
    X, y = X[places], y[places]
    while len(X):
        batches.append([X[:batch_size], y[:batch_size]])
        X, y = X[batch_size:], y[batch_size:]
    return batches


def sgd__loop(params, grads, lr):
    new = []
    for k in range(len(params)):
        new.append(params[k] + grads[k] * -lr)
    return tuple(new)


def sgd__copies_in_place(params, grads, lr):
    new = [p.copy() for p in params]
    for p, g in zip(new, grads):
        p -= lr * g
    return new


def momentum__loop(params, grads, velocities, lr, mu):
    new_params, new_velocities = [], []
    for p, g, v in zip(params, grads, velocities):
        v = v * mu
        v += g
        new_params.append(p - lr * v)
        new_velocities.append(v)
    return [new_params, new_velocities]


def momentum__two_moves(params, grads, velocities, lr, mu):
    """First roll on, then the push of the gradient."""
    rolled = [p - lr * mu * v for p, v in zip(params, velocities)]
    return ([p - lr * g for p, g in zip(rolled, grads)], [g + mu * v for g, v in zip(grads, velocities)])


def adagrad__power(params, grads, sums, lr, eps=1e-10):
    new_params, new_sums = [], []
    for p, g, s in zip(params, grads, sums):
        new_sums.append(s + np.square(g))
        rates = lr / (new_sums[-1] ** 0.5 + eps)
        new_params.append(p - rates * g)
    return new_params, new_sums


def rmsprop__drift(params, grads, averages, lr, alpha=0.99, eps=1e-8):
    averages = [s + (1 - alpha) * (g * g - s) for s, g in zip(averages, grads)]
    return tuple(p - lr / (np.sqrt(s) + eps) * g for p, g, s in zip(params, grads, averages)), averages


class Adam__moves_the_list:
    """New arrays in a new list, and powers of the betas kept instead of t."""

    def __init__(self, params, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
        self.params, self.lr, self.betas, self.eps = list(params), lr, betas, eps
        self.memory = [[0.0, 0.0] for _ in params]
        self.left1 = self.left2 = 1.0

    def step(self, grads):
        beta1, beta2 = self.betas
        self.left1, self.left2 = self.left1 * beta1, self.left2 * beta2
        moved = []
        for p, g, memory in zip(self.params, grads, self.memory):
            memory[0] += (1 - beta1) * (g - memory[0])
            memory[1] += (1 - beta2) * (g * g - memory[1])
            root = (memory[1] / (1 - self.left2)) ** 0.5
            moved.append(p - self.lr * memory[0] / (1 - self.left1) / (root + self.eps))
        self.params = moved


class Adam__in_place:
    def __init__(self, params, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
        self.params, self.lr, self.betas, self.eps = params, lr, betas, eps
        self.num_steps, self.m, self.v = 0, {}, {}

    def step(self, grads):
        self.num_steps = self.num_steps + 1
        b1, b2 = self.betas
        for k, (p, g) in enumerate(zip(self.params, grads)):
            self.m[k] = b1 * self.m.get(k, 0) + (1 - b1) * g
            self.v[k] = b2 * self.v.get(k, 0) + (1 - b2) * g * g
            rate = self.lr * np.sqrt(1 - b2**self.num_steps) / (1 - b1**self.num_steps)
            eps = self.eps * np.sqrt(1 - b2**self.num_steps)       # the correction taken out of the fraction
            p -= rate * self.m[k] / (np.sqrt(self.v[k]) + eps)


def warmup_cosine__numpy(step, lr, num_steps, warmup_steps, final_lr=0.0):
    if step >= num_steps:
        return final_lr
    if step >= warmup_steps:
        angle = np.pi * (step - warmup_steps) / (num_steps - warmup_steps)
        return 0.5 * (lr + final_lr) + 0.5 * (lr - final_lr) * np.cos(angle)
    return np.linspace(0, lr, warmup_steps + 1)[step + 1]

"""Other correct ways to write the tasks of unit 07; each must pass its check."""

import numpy as np


def l2__one_by_one(params, strength):
    penalty, grads = 0.0, []
    for p in params:
        pays = len(p.shape) > 1
        penalty += pays * 0.5 * strength * float(np.vdot(p, p))
        grads.append(p * (strength if pays else 0.0))
    return penalty, grads


def l1__clipped(W, strength, lr):
    step = lr * strength
    return float(np.abs(strength * W).sum()), np.where(W == 0, 0, np.copysign(strength, W)), W - np.clip(W, -step, step)


def l1__three_cases(W, strength, lr):
    step = lr * strength
    right, left = step < W, -step > W
    after = np.zeros_like(W)
    after[right] = W[right] - step
    after[left] = W[left] + step
    return strength * (W[W > 0].sum() - W[W < 0].sum()), strength * ((W > 0) * 1.0 - (W < 0)), after


def dropout__two_returns(X, p, training, rng):
    if not training:
        return X.copy(), np.ones_like(X)
    dropped = rng.random(size=X.shape) < p
    mask = np.full(X.shape, 1 / (1 - p))
    mask[dropped] = 0
    return np.where(dropped, 0, X / (1 - p)), mask


def batchnorm_forward__two_branches(X, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    if not training:
        scale = gamma / np.sqrt(running_var + eps)
        return X * scale + (beta - running_mean * scale), running_mean, running_var
    N = len(X)
    mean = X.sum(axis=0) / N
    squares = ((X - mean) ** 2).sum(axis=0)
    Y = (X - mean) * (squares / N + eps) ** -0.5 * gamma + beta
    return (
        Y,
        running_mean + momentum * (mean - running_mean),
        running_var + momentum * (squares / (N - 1) - running_var),
    )


def batchnorm_backward__through_the_graph(dY, X, gamma, eps=1e-5):
    """Every line of the forward pass, taken back one at a time."""
    N = len(X)
    centred = X - X.mean(axis=0)
    var = (centred**2).mean(axis=0)
    std = np.sqrt(var + eps)
    dX_hat = dY * gamma
    dstd = -(dX_hat * centred).sum(axis=0) / std**2
    dvar = dstd / (2 * std)
    dcentred = dX_hat / std + dvar * 2 * centred / N
    return dcentred - dcentred.mean(axis=0), (dY * centred / std).sum(axis=0), dY.sum(axis=0)


class EarlyStopping__by_epochs:
    """Keep every loss, and compare epochs by number."""

    def __init__(self, patience):
        self.patience, self.losses, self.best_epoch = patience, [], -1

    def update(self, loss, params):
        self.losses.append(np.inf if np.isnan(loss) else loss)
        if self.losses.index(min(self.losses)) == len(self.losses) - 1:
            self.best_epoch = len(self.losses) - 1
            self.best = [np.array(p) for p in params]
        return len(self.losses) - 1 - self.best_epoch >= self.patience

    def restore(self, params):
        for k in range(len(params)):
            params[k][:] = self.best[k]

    def fit(self, params, train_epoch, validation_loss, num_epochs):
        for _ in range(num_epochs):
            train_epoch(params)
            if self.update(validation_loss(params), params):
                break
        self.restore(params)
        return self.losses


def train__without_helpers(X, y, X_val, y_val, params, lr, strength, patience, num_epochs):
    W, b = params
    one_hot, losses, kept = np.eye(len(b))[y], [], []
    while len(losses) < num_epochs:
        p = np.exp(X @ W + b - (X @ W + b).max(axis=1)[:, None])
        error = (p / p.sum(axis=1)[:, None] - one_hot) / len(X)
        W, b = (1 - lr * strength) * W - lr * X.T @ error, b - lr * error.sum(axis=0)
        logits = X_val @ W + b
        top = logits.max(axis=1)
        log_sum = top + np.log(np.exp(logits - top[:, None]).sum(axis=1))
        losses.append(np.mean(log_sum - logits[range(len(y_val)), y_val]))
        kept.append([W, b])
        if len(losses) - 1 - np.argmin(losses) >= patience:
            break
    return kept[int(np.argmin(losses))], losses

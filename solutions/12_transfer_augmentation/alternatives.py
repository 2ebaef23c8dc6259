"""Other correct ways to write the tasks of unit 12; each must pass its check."""

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy, dropout


def pooled_features__by_einsum(maps):
    return np.hstack([np.einsum("nchw->nc", some) / (some.shape[2] * some.shape[3]) for some in maps])


def pooled_features__in_torch(maps):
    return torch.cat([torch.tensor(some).mean(dim=(2, 3)) for some in maps], dim=1).numpy()


class Head__with_functions(nn.Module):
    def __init__(self, n_features, n_out, width=256):
        super().__init__()
        self.hidden, self.out = nn.Linear(n_features, width), nn.Linear(width, n_out)

    def forward(self, F):
        return self.out(dropout(self.hidden(F).clamp(min=0), 0.5, training=self.training))

    def probe(self, values, F):
        names = []
        with torch.no_grad():
            for name, p in self.named_parameters():
                names.append(f"{name} {tuple(p.shape)}")
                p.copy_(torch.tensor(np.resize(values, p.shape)))
            F, shares = torch.tensor(F, dtype=torch.float32), []
            keep = self.out.register_forward_hook(lambda layer, seen, result: shares.append(seen[0]))
            outputs = self.eval()(F).numpy()
            self.hidden.weight.zero_()
            self.hidden.bias.fill_(1.0)
            self.train()(F[:1].repeat(4000, 1))
            keep.remove()
            return names, outputs, round(10 * (shares[-1] == 0).float().mean().item()) / 10


class Borrowed__without_gradients(nn.Module):
    def __init__(self, c_body, n_out):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, c_body, 1, bias=False), nn.BatchNorm2d(c_body), nn.ReLU())
        self.body.requires_grad_(False)  # a module's own: all its parameters
        self.head = nn.Linear(c_body, n_out)

    def forward(self, X):
        with torch.no_grad():
            maps = self.body(X)
        return self.head(maps.flatten(2).mean(dim=2))

    def train(self, mode=True):
        self.training = mode
        self.body.train(False)
        self.head.train(mode)
        return self

    def probe(self, values, X):
        parts, X = {"body": self.body, "head": self.head}, torch.tensor(X, dtype=torch.float32)
        learned = [name for name, p in self.named_parameters() if p.requires_grad]
        with torch.no_grad():
            for p in self.parameters():
                p.copy_(torch.tensor(np.resize(values, p.shape)))
        self.train()
        training = {name: part.training for name, part in parts.items()}
        before = {name: [p.detach().clone() for p in part.parameters()] for name, part in parts.items()}
        outputs = self(X)
        outputs.pow(2).sum().backward()
        with torch.no_grad():
            for p in self.parameters():
                if p.grad is not None:
                    p -= 0.1 * p.grad
        after = {name: list(part.parameters()) for name, part in parts.items()}
        moved = [name for name in parts if any(not torch.equal(*two) for two in zip(before[name], after[name], strict=True))]
        return {
            "learned": learned,
            "training": training,
            "statistics moved": bool(self.body[1].running_mean.abs().sum() > 0),
            "weights moved": moved,
            "outputs": outputs.detach().numpy(),
        }


def random_shift__by_indices(X, max_pixels, rng):
    N, H, W = X.shape
    down, right = rng.integers(-max_pixels, max_pixels + 1, size=(2, N))
    rows = np.arange(H)[None, :, None] - down[:, None, None]
    columns = np.arange(W)[None, None, :] - right[:, None, None]
    inside = (rows >= 0) & (rows < H) & (columns >= 0) & (columns < W)
    taken = X[np.arange(N)[:, None, None], np.clip(rows, 0, H - 1), np.clip(columns, 0, W - 1)]
    return np.where(inside, taken, 0)


def rotate__pixel_by_pixel(image, degrees):
    H, W = image.shape
    angle, new = np.deg2rad(degrees), np.zeros((H, W))
    for row in range(H):
        for column in range(W):
            y, x = row - (H - 1) / 2, column - (W - 1) / 2
            old_row = int(np.floor(np.cos(angle) * y + np.sin(angle) * x + (H - 1) / 2 + 0.5))
            old_column = int(np.floor(np.cos(angle) * x - np.sin(angle) * y + (W - 1) / 2 + 0.5))
            if 0 <= old_row < H and 0 <= old_column < W:
                new[row, column] = image[old_row, old_column]
    return new


def rotate__with_a_matrix(image, degrees):
    H, W = image.shape
    angle, centre = np.radians(degrees), np.array([[(H - 1) / 2], [(W - 1) / 2]])
    back = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    places = back @ (np.indices((H, W)).reshape(2, -1) - centre) + centre
    rows, columns = np.rint(places).astype(int)
    framed = np.pad(image, 1)
    return framed[np.clip(rows + 1, 0, H + 1), np.clip(columns + 1, 0, W + 1)].reshape(H, W)


def choose_changes__step_by_step(y, seen_as, val_accuracy):
    level, kept = sum(val_accuracy["nothing"]) / len(val_accuracy["nothing"]), []
    for name, answers in seen_as.items():
        wrong = int((np.asarray(answers) != np.asarray(y)).sum())
        score = sum(val_accuracy[name]) / len(val_accuracy[name])
        if wrong * 100 <= len(y) and score > level:
            kept.append((score, name))
    return [name for _, name in sorted(kept, reverse=True)]


def read_moved__all_shifts_beforehand(X, y, X_new):
    torch.manual_seed(1)
    wide = np.pad(X, ((0, 0), (0, 0), (2, 2), (2, 2)))
    windows = [wide[:, :, top : top + 12, left : left + 12] for top in range(5) for left in range(5)]
    images, labels = torch.tensor(np.concatenate(windows)), torch.tensor(np.tile(y, 25))
    net = nn.Sequential(
        *(nn.Conv2d(1, 12, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(12, 24, 3, padding=1), nn.ReLU()),
        *(nn.MaxPool2d(2), nn.Flatten(), nn.Linear(24 * 9, 10)),
    )
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    for _ in range(4):
        for batch in torch.randperm(len(images)).split(50):
            optimizer.zero_grad()
            cross_entropy(net(images[batch]), labels[batch]).backward()
            optimizer.step()
    with torch.no_grad():
        return net(torch.tensor(X_new)).argmax(dim=1).numpy()

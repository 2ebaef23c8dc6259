"""Other correct ways to write the tasks of unit 15; each must pass its check."""

from collections import Counter, defaultdict

import numpy as np
import torch
from torch import nn


def vocabulary__lists_and_loops(train_text, text, least):
    symbols = ["<unknown>"]
    for symbol in sorted(set(train_text)):
        if list(train_text).count(symbol) >= least:
            symbols.append(symbol)
    tokens = np.zeros(len(text), dtype=int)
    for place, symbol in enumerate(text):
        if symbol in symbols[1:]:
            tokens[place] = symbols.index(symbol)
    return symbols, tokens


def ngram_counts__counters(text, n):
    table = defaultdict(Counter)
    for place in range(len(text) - n + 1):
        table[text[place : place + n - 1]][text[place + n - 1]] += 1
    return dict(table)


def ngram_counts__count_then_split(text, n):
    table = {}
    for gram, count in Counter(text[place : place + n] for place in range(len(text) - n + 1)).items():
        table.setdefault(gram[:-1], {})[gram[-1]] = count
    return table


def witten_bell__share_to_share(counts, lower):
    kinds, total = (counts > 0).sum(), counts.sum()
    if not kinds:
        return lower
    seen = total / (total + kinds)
    return seen * counts / total + (1 - seen) * lower


def perplexity__logarithms_to_base_two(log_p):
    total = sum(float((text / np.log(2)).sum()) for text in log_p)
    bits = -total / sum(len(text) for text in log_p)
    return bits, np.exp(bits * np.log(2))


def sample__cuts_probabilities(logits, temperature, top_k, u):
    exps = np.exp((logits - np.max(logits)) / temperature)
    kept = np.zeros(len(logits))
    best = np.argsort(logits)[::-1][:top_k]
    kept[best] = exps[best]
    p = kept / kept.sum()
    total = 0.0
    for token, share in enumerate(p):
        total += share
        if total > u:
            return p, token
    return p, int(best[0])


def sample__in_torch(logits, temperature, top_k, u):
    z = torch.full((len(logits),), -torch.inf, dtype=torch.float64)
    values, places = torch.tensor(logits, dtype=torch.float64).topk(top_k)
    z[places] = values / temperature
    p = torch.softmax(z, dim=0)
    return p, int((p.cumsum(dim=0) <= u).sum())


def batches__row_by_row(tokens, N, T):
    length = len(tokens) // N
    pairs = []
    start = 0
    while start + T + 1 <= length:
        X = np.stack([tokens[row * length + start : row * length + start + T] for row in range(N)])
        y = np.stack([tokens[row * length + start + 1 : row * length + start + T + 1] for row in range(N)])
        pairs.append((X, y))
        start += T
    return pairs


def classify__gru_and_one_logit(sentences, y, new_sentences):
    def words(sentence):
        return sentence.rstrip(".").replace(",", " ,").split()

    number = {word: place for place, word in enumerate(sorted({w for s in sentences for w in words(s)}), start=1)}

    def rows_of(texts):  # padded at the front, so that the last step is the last word
        X = torch.zeros((len(texts), 24), dtype=torch.int64)
        for row, text in zip(X, texts):
            tokens = [number.get(word, 0) for word in words(text)][-24:]
            row[-len(tokens) :] = torch.tensor(tokens)
        return X

    torch.manual_seed(1)
    embedding, layer, out = nn.Embedding(len(number) + 1, 16, padding_idx=0), nn.GRU(16, 32, batch_first=True), nn.Linear(32, 1)
    net = nn.ModuleList([embedding, layer, out])
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    X, targets = rows_of(sentences), torch.tensor(y, dtype=torch.float32)
    for _ in range(8):
        for rows in torch.randperm(len(X)).split(64):
            logits = out(layer(embedding(X[rows]))[0][:, -1])[:, 0]
            optimizer.zero_grad()
            nn.functional.binary_cross_entropy_with_logits(logits, targets[rows]).backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
    with torch.no_grad():
        return (out(layer(embedding(rows_of(new_sentences)))[0][:, -1])[:, 0] > 0).long().numpy()

"""Other correct ways to write the tasks of unit 17; each must pass its check."""

import heapq
import math
from collections import Counter

import numpy as np


def shift_right__rolls_and_overwrites(Y, start):
    shifted = np.roll(Y, 1, axis=1)
    shifted[:, 0] = start
    return shifted


def shift_right__fills_an_empty_one(Y, start):
    shifted = np.empty_like(Y)
    shifted[:, :1], shifted[:, 1:] = start, Y[:, :-1]
    return shifted


def shift_right__pads(Y, start):
    return np.pad(Y, ((0, 0), (1, 0)), constant_values=start)[:, :-1]


def masked_softmax__row_by_row(scores, mask):
    weights = np.zeros(scores.shape)
    for n in range(len(scores)):
        visible = scores[n, mask[n]]
        odds = np.exp(visible - visible.max())
        weights[n, mask[n]] = odds / odds.sum()
    return weights


def masked_softmax__very_negative(scores, mask):
    scores = np.where(mask, scores, -1e9)
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


def masked_softmax__multiplies_after_a_safe_shift(scores, mask):
    top = np.where(mask, scores, -np.inf).max(axis=1, keepdims=True)
    odds = np.exp(np.minimum(scores - top, 0)) * mask
    return odds / odds.sum(axis=1, keepdims=True)


def _softmax(scores, mask):
    scores = np.where(mask, scores, -np.inf)
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


def attention__by_einsum(q, memory, mask, W_q, W_k, v):
    keys = np.einsum("ntd,da->nta", memory, W_k)
    scores = np.einsum("nta,a->nt", np.tanh(keys + np.expand_dims(q.dot(W_q), 1)), v)
    weights = _softmax(scores, mask)
    return np.einsum("nt,ntd->nd", weights, memory), weights


def attention__sentence_by_sentence(q, memory, mask, W_q, W_k, v):
    contexts, all_weights = [], []
    for query, words, seen in zip(q, memory, mask):
        scores = np.tanh(query @ W_q + words @ W_k) @ v
        weights = _softmax(scores[None], seen[None])[0]
        all_weights.append(weights)
        contexts.append(weights @ words)
    return np.array(contexts), np.array(all_weights)


def decode_step__by_einsum(tokens, h, memory, mask, E, cell, W_c, W_o):
    state = cell(E[tokens], h)
    weights = _softmax(np.einsum("nth,nh->nt", memory, state), mask)
    context = np.einsum("nt,nth->nh", weights, memory)
    return np.tanh(np.hstack([state, context]) @ W_c) @ W_o, state


def decode_step__splits_the_mixing(tokens, h, memory, mask, E, cell, W_c, W_o):
    state, hidden = cell(E[tokens], h), h.shape[1]
    weights = _softmax((memory * state[:, None]).sum(-1), mask)
    context = (weights[:, None] @ memory)[:, 0]
    return np.tanh(state @ W_c[:hidden] + context @ W_c[hidden:]) @ W_o, state


def beam_search__one_question_at_a_time(next_log_p, start, end, width, max_words):
    kept = [(0.0, (start,))]
    for _ in range(max_words):
        pool = []
        for score, tokens in kept:
            if len(tokens) > 1 and tokens[-1] == end:
                pool.append((score, tokens))
                continue
            for token, gain in enumerate(next_log_p(np.array([tokens]))[0]):
                pool.append((score + gain, (*tokens, token)))
        kept = heapq.nlargest(width, pool)
    return [(list(tokens[1:]), score) for score, tokens in kept]


def beam_search__finished_apart(next_log_p, start, end, width, max_words):
    going, done = [([], 0.0)], []
    for _ in range(max_words):
        if not going:
            break
        rows = next_log_p(np.array([[start, *tokens] for tokens, _ in going]))
        totals = np.array([[score] for _, score in going]) + rows
        found = [([*going[i][0], j], totals[i, j]) for i in range(len(going)) for j in range(rows.shape[1])]
        best = sorted(done + found, key=lambda pair: pair[1], reverse=True)[:width]
        done = [pair for pair in best if pair[0][-1] == end]
        going = [pair for pair in best if pair[0][-1] != end]
    return sorted(done + going, key=lambda pair: pair[1], reverse=True)


def bleu__counts_with_dictionaries(said, references):
    product = 1.0
    for n in range(1, 5):
        right = total = 0
        for ours, theirs in zip(said, references):
            have = {}
            for run in zip(*(theirs[i:] for i in range(n))):
                have[run] = have.get(run, 0) + 1
            for run in zip(*(ours[i:] for i in range(n))):
                total += 1
                if have.get(run, 0):
                    have[run] -= 1
                    right += 1
        product *= right / total if total else 0
    c, r = sum(len(s) for s in said), sum(len(s) for s in references)
    return 100 * product**0.25 * (math.exp(1 - r / c) if c < r else 1) if product else 0.0


def bleu__with_text_runs(said, references):
    precisions = []
    for n in (1, 2, 3, 4):
        pairs = [[Counter(" ".join(words[i : i + n]) for i in range(len(words) - n + 1)) for words in pair]
                 for pair in zip(said, references)]
        total = sum(sum(ours.values()) for ours, _ in pairs)
        right = sum(min(count, theirs[run]) for ours, theirs in pairs for run, count in ours.items())
        precisions.append(right / max(total, 1))
    if not all(precisions):
        return 0.0
    c, r = (sum(map(len, texts)) for texts in (said, references))
    return float(100 * np.exp(np.mean(np.log(precisions))) * min(1, np.exp(1 - r / c)))

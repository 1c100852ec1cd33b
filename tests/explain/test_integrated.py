"""Integrated gradients: complete, zero where nothing differs, more steps where they are needed."""

from __future__ import annotations

import numpy as np
import pytest

from genre_core.explain import perturbed
from genre_core.explain.integrated import STEPS, TOLERANCE, integrated_gradients
from genre_core.explain.passes import Passes
from genre_core.explain.plain_inputs import plain_input


@pytest.mark.parametrize(("n_logits", "head", "genre"), [(3, "softmax", 2), (1, "binary", 0)])
def test_attributions_sum_to_the_difference_of_the_logits(small, noise, n_logits, head, genre):
    network, cover = small(n_logits), noise()
    cover[:, :16] //= 8  # far from its mean colour
    passes = Passes(network, head)
    found = perturbed.attribute(passes, cover.astype(np.float32), genre, kind="cover")
    both = np.stack([cover.astype(np.float32), plain_input(cover, "cover")])
    logits = network(both, training=False).numpy()
    logits = logits[:, genre] if head == "softmax" else -logits[:, 0]
    assert found.difference == pytest.approx(logits[0] - logits[1], rel=1e-4)
    assert abs(found.difference) > 1e-3
    assert found.values.sum() == pytest.approx(found.difference, rel=TOLERANCE)
    assert found.gap <= TOLERANCE


def test_what_equals_the_baseline_gets_nothing_and_a_linear_score_its_own_terms():
    weights = np.array([[2.0, -3.0, 5.0]])
    item, nothing = np.array([[1.0, 1.0, 4.0]]), np.array([[1.0, 0.0, 2.0]], np.float32)
    found = integrated_gradients(
        item,
        nothing,
        lambda x: np.broadcast_to(weights, x.shape),
        lambda x: (x * weights).sum(axis=(1, 2)),
    )
    np.testing.assert_allclose(found.values, [[0.0, -3.0, 10.0]])
    assert (found.n_steps, round(found.gap, 9)) == (STEPS[0], 0.0)


def test_a_score_that_is_settled_near_the_baseline_needs_no_more_points():
    """As networks of covers are: of the way from the mean colour its first fifth decides."""
    found = integrated_gradients(
        np.array([1.0]),
        np.zeros(1, np.float32),
        lambda x: 20 * np.exp(-20 * x),
        lambda x: 1 - np.exp(-20 * x[:, 0]),
    )
    assert found.n_steps == STEPS[0]


def test_a_bent_score_takes_more_points_and_each_point_only_once():
    """s = relu(x - .99) on the way from 0 to 1 bends between the last two of 16 points."""
    seen: list[float] = []

    def gradient(points):
        seen.extend(points.ravel().tolist())
        return (points > 0.99).astype(float)

    def score(x):
        return np.maximum(x - 0.99, 0).sum(axis=1)

    found = integrated_gradients(np.array([1.0]), np.zeros(1, np.float32), gradient, score)
    assert found.n_steps == STEPS[-1]
    assert len(seen) == len({round(x, 6) for x in seen}) == STEPS[-1]
    assert found.gap < 0.5


def test_a_score_that_does_not_change_has_no_gap():
    found = integrated_gradients(
        np.ones((2, 2)), np.zeros((2, 2), np.float32), np.zeros_like, lambda x: np.full(2, 7.0)
    )
    assert (found.difference, found.gap) == (0.0, 0.0)
    assert not found.values.any()


def test_others_are_let_through_after_each_batch():
    seen: list[int] = []

    def gradient(points):
        seen.append(len(points))
        return points * 0

    integrated_gradients(
        np.ones((2, 2)),
        np.zeros((2, 2), np.float32),
        gradient,
        lambda x: np.zeros(2),
        batch=4,
        after_each=lambda: seen.append(0),
    )
    assert seen == [4, 0] * (STEPS[0] // 4)

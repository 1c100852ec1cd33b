"""The tests of slices, against SciPy and by laws."""

import numpy as np
import pytest
from scipy import stats

from genre_core.analysis.beyond_chance import (
    group_correlation,
    holm,
    largest_of_all,
    slice_excess,
    unusual_rates,
)


@pytest.mark.parametrize("rho", [0.0, 0.2])
def test_tails_of_artists_are_scipys(rho: float) -> None:
    rng = np.random.default_rng(0)
    n = rng.integers(1, 40, 300)
    rates = rng.beta(0.3 * (1 / rho - 1), 0.7 * (1 / rho - 1), 300) if rho else np.full(300, 0.3)
    hits = rng.binomial(n, rates)
    asked = np.flatnonzero(n > 4)
    z, p = unusual_rates(hits, n, asked)
    assert float(group_correlation(hits, n)) == pytest.approx(rho, abs=0.05)
    for place, artist in enumerate(asked):
        rest = np.arange(300) != artist  # an artist is measured against the others
        mean = hits[rest].sum() / n[rest].sum()
        own = float(group_correlation(hits[rest], n[rest], upper=True))
        if own > 1e-6:
            of_rest = stats.betabinom(n[artist], mean * (1 / own - 1), (1 - mean) * (1 / own - 1))
        else:
            of_rest = stats.binom(n[artist], mean)
        assert p[place] == pytest.approx(of_rest.sf(hits[artist] - 1), rel=1e-6, abs=1e-12)
        assert z[place] == pytest.approx((hits[artist] - of_rest.mean()) / of_rest.std())


def test_of_few_groups_the_upper_end_is_further_away() -> None:
    rng = np.random.default_rng(0)
    gaps = []
    for n_groups in (10, 1_000):
        n = np.full(n_groups, 20)
        hits = rng.binomial(20, rng.beta(1.2, 2.8, (500, n_groups)))  # a correlation of 0.2
        own, upper = (group_correlation(hits, n, upper=up) for up in (False, True))
        assert own.mean() == pytest.approx(0.2, abs=0.03)
        assert (upper > 0.2).mean() > 0.8
        gaps.append((upper - own).mean())
    assert gaps[0] > 5 * gaps[1] > 0


def test_without_likeness_the_tail_is_binomial() -> None:
    n, hits, asked = np.full(8, 10), np.full(8, 3), np.arange(8)
    alike = unusual_rates(hits, n, asked)[1]
    np.testing.assert_allclose(alike, stats.binom.sf(2, 10, 0.3))
    for hits in (np.zeros(8, int), n):
        assert unusual_rates(hits, n, asked)[1].tolist() == [1.0] * 8


def test_one_slice_of_items_alone_has_the_p_of_a_permutation() -> None:
    rng = np.random.default_rng(0)
    wrong, members = (rng.random(300) < 0.4).astype(float), np.arange(300) < 100
    wrong[:100] = rng.random(100) < 0.52
    z, largest = slice_excess(members[:, None], wrong, np.arange(300), n_draws=3_000, seed=0)
    table = [[wrong[members].sum(), 100 - wrong[members].sum()],
             [wrong[~members].sum(), 200 - wrong[~members].sum()]]  # fmt: skip
    expected = stats.boschloo_exact(np.transpose(table).astype(int), "greater").pvalue
    assert 0.001 < expected < 0.2
    assert largest_of_all(z, largest)[0] == pytest.approx(expected, abs=0.02)


def test_more_slices_need_a_larger_excess_and_copies_of_one_do_not() -> None:
    rng = np.random.default_rng(0)
    wrong, codes = (rng.random(600) < 0.3).astype(float), np.arange(600) // 3
    many = rng.random((600, 60)) < 0.2
    for members, more in ((many, 1.0), (np.repeat(many[:, :1], 60, axis=1), 0.0)):
        _, one = slice_excess(members[:, :1], wrong, codes, n_draws=400, seed=0)
        z, all_of_them = slice_excess(members, wrong, codes, n_draws=400, seed=0)
        assert np.quantile(all_of_them, 0.95) - np.quantile(one, 0.95) == pytest.approx(
            more, abs=0.5
        )
        assert len(z) == 60


def test_copies_in_the_same_group_add_nothing() -> None:
    rng = np.random.default_rng(0)
    wrong, members = (rng.random(200) < 0.4).astype(float), rng.random((200, 1)) < 0.3
    z, _ = slice_excess(members, wrong, np.arange(200), n_draws=100, seed=0)
    four = [np.repeat(made, 4, axis=0) for made in (members, wrong, np.arange(200))]
    copies, _ = slice_excess(*four, n_draws=100, seed=0)
    assert copies == pytest.approx(z, rel=0.02)
    apart, _ = slice_excess(four[0], four[1], np.arange(800), n_draws=100, seed=0)
    assert apart == pytest.approx(2 * z, rel=0.02)


def test_the_order_of_items_changes_nothing() -> None:
    rng = np.random.default_rng(0)
    wrong, codes = (rng.random(200) < 0.3).astype(float), rng.integers(0, 40, 200)
    members, turn = rng.random((200, 3)) < 0.3, rng.permutation(200)
    z, _ = slice_excess(members, wrong, codes, n_draws=100, seed=0)
    turned, _ = slice_excess(members[turn], wrong[turn], codes[turn], n_draws=100, seed=0)
    np.testing.assert_allclose(z, turned, rtol=1e-6)


def test_holm_is_what_its_steps_say() -> None:
    rng = np.random.default_rng(0)
    p = rng.random(30) ** 3
    corrected = holm(p)
    for place, own in enumerate(p):
        steps = [q * (30 - (p < q).sum()) for q in p if q <= own]
        assert corrected[place] == pytest.approx(min(1, max(steps)))
    assert holm(np.zeros(0)).tolist() == []

"""The model of weekly counts, against plain matrices and against statsmodels."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voc.effect.model import fit
from voc.effect.solve import Data, Point, Step

MARKETS, WEEKS, SINCE = 4, 15, 10
ADOPTERS = np.array([True, False, False, False])


def drawn(seed=0, level=30.0):
    random = np.random.default_rng(seed)
    exposures = random.uniform(5_000, 20_000, (MARKETS, WEEKS))
    counts = random.poisson(level * exposures / 10_000).astype(float)
    return counts, exposures


def column():
    found = np.zeros((1, MARKETS, WEEKS))
    found[0, ADOPTERS, SINCE:] = 1
    return found


def line():
    return ADOPTERS[:, None] * (np.arange(WEEKS) - WEEKS / 2)[None]


def dense(step, point):
    """Solve the same with whole matrices: market and week dummies, full covariance, missing cells taken out."""
    kept = step.data.kept.ravel()
    market, week = np.repeat(np.arange(MARKETS), WEEKS), np.tile(np.arange(WEEKS), MARKETS)
    multiple = np.where(ADOPTERS[market], point.multiple, 1.0)
    apart = np.abs(week[:, None] - week[None])
    drift = point.drift / step.typical * multiple[:, None] * (point.fading**apart) * (market[:, None] == market[None])
    covariance = np.diag(1 / step.means.ravel()) + drift
    design = np.column_stack(
        [
            *((market == one) for one in range(MARKETS)),
            *((week == one) for one in range(1, WEEKS)),
            step.columns[0].ravel(),
        ]
    ).astype(float)
    inverse = np.linalg.inv(covariance[np.ix_(kept, kept)])
    design, response = design[kept], step.response.ravel()[kept]
    information = design.T @ inverse @ design
    found = np.linalg.solve(information, design.T @ inverse @ response)
    rest = response - design @ found
    squares = rest @ inverse @ rest
    scatter = max(1.0, squares / step.freedom)
    determinants = np.linalg.slogdet(covariance[np.ix_(kept, kept)])[1] + np.linalg.slogdet(information)[1]
    likelihood = -0.5 * (step.freedom * np.log(scatter) + squares / scatter + determinants)
    return found[-1], np.linalg.inv(information)[-1, -1] * scatter, likelihood


def step(seed=0, missing=()):
    counts, exposures = drawn(seed)
    kept = np.ones(counts.shape, dtype=bool)
    for cell in missing:
        kept[cell] = False
    means = np.random.default_rng(seed + 1).uniform(10, 50, counts.shape)
    return Step(Data(counts, exposures, kept, ADOPTERS), counts, means, column())


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 1000),
    st.sampled_from([0.0, 0.3, 0.7, 0.95]),
    st.sampled_from([0.1, 1.0, 3.0]),
    st.sampled_from([1.0, 2.5]),
    st.sets(st.tuples(st.integers(0, MARKETS - 1), st.integers(0, WEEKS - 1)), max_size=6),
)
def test_the_step_is_generalised_least_squares(seed, fading, drift, multiple, missing):
    one, point = step(seed, missing), Point(fading, drift, multiple, 0.0, 1.0)
    (found,) = one.solved((point,))
    value, variance, _ = dense(one, point)
    assert found.coefficients[0] == pytest.approx(value, abs=1e-8)
    assert found.covariance[0, 0] == pytest.approx(variance, rel=1e-8)


def test_likelihoods_of_points_differ_as_with_whole_matrices():
    one = step(3, {(1, 2), (0, 4)})
    points = (Point(0.0, 0.0, 1.0, 0.0, 1.0), Point(0.3, 0.3, 2.5, 0.0, 1.0), Point(0.7, 3.0, 1.0, 0.0, 1.0))
    ours = np.array([found.score for found in one.solved(points)])
    whole = np.array([dense(one, point)[2] for point in points])
    assert ours - ours[0] == pytest.approx(whole - whole[0], abs=1e-7)


def test_a_likely_line_is_a_column_with_a_prior():
    counts, exposures = drawn(5)
    data = Data(counts, exposures, np.ones(counts.shape, dtype=bool), ADOPTERS, line=line())
    point = Point(0.5, 0.3, 1.0, 0.02, 1.0)
    means = np.full(counts.shape, 30.0)
    (found,) = Step(data, counts, means, column()).solved((point,))
    both = np.concatenate([column(), line()[None]])
    free = Data(counts, exposures, data.kept, ADOPTERS)
    (wide,) = Step(free, counts, means, both).solved((Point(0.5, 0.3, 1.0, 0.0, 1.0),))
    (narrow,) = Step(free, counts, means, column()).solved((Point(0.5, 0.3, 1.0, 0.0, 1.0),))
    assert narrow.covariance[0, 0] < found.covariance[0, 0] < wide.covariance[0, 0]
    information = np.linalg.inv(wide.covariance / wide.scatter)
    information[1, 1] += narrow.scatter / 0.02**2
    assert found.covariance[0, 0] / found.scatter == pytest.approx(np.linalg.inv(information)[0, 0], rel=1e-8)


def test_without_drift_it_is_the_quasi_poisson_regression_of_statsmodels():
    import statsmodels.api as sm

    counts, exposures = drawn(7, level=300)
    market, week = np.repeat(np.arange(MARKETS), WEEKS), np.tile(np.arange(WEEKS), MARKETS)
    design = np.column_stack(
        [column().ravel(), *((market == one) for one in range(MARKETS)), *((week == one) for one in range(1, WEEKS))]
    ).astype(float)
    model = sm.GLM(counts.ravel(), design, family=sm.families.Poisson(), offset=np.log(exposures).ravel())
    theirs = model.fit(scale="X2")
    data = Data(counts, exposures, np.ones(counts.shape, dtype=bool), ADOPTERS)
    means, plain = np.maximum(counts, 1.0), (Point(0.0, 0.0, 1.0, 0.0, 1.0),)
    for _ in range(8):
        one = Step(data, counts, means, column())
        (found,) = one.solved(plain)
        means = one.new_means(found)
    assert found.coefficients[0] == pytest.approx(theirs.params[0], abs=1e-6)
    assert np.sqrt(found.covariance[0, 0]) == pytest.approx(max(theirs.bse[0], 0), rel=1e-4)


@pytest.mark.parametrize("seed", range(4))
def test_interval_and_p_value_agree(seed):
    counts, exposures = drawn(seed)
    counts[0, SINCE:] *= (0.5, 0.8, 1.0, 1.4)[seed]
    found = fit(Data(counts, exposures, np.ones(counts.shape, dtype=bool), ADOPTERS, line=line()), column())
    one = np.ones(1)
    p = found.p_value(one)
    edge = 1 - p
    low, high = found.interval(one, edge)
    assert min(abs(low), abs(high)) == pytest.approx(0, abs=1e-6)
    inner, outer = found.interval(one, 0.5), found.interval(one, 0.99)
    assert outer[0] < inner[0] < found.value(one) < inner[1] < outer[1]


def test_markets_that_drift_more_have_wider_intervals():
    random = np.random.default_rng(1)
    exposures = np.full((MARKETS, 40), 10_000.0)
    own = np.zeros((1, MARKETS, 40))
    own[0, 0, 30:] = 1
    kept = np.ones(exposures.shape, dtype=bool)
    widths = []
    for spread in (0.0, 0.4):
        drift = np.repeat(random.normal(0, spread, (MARKETS, 8)), 5, axis=1) if spread else 0.0
        counts = random.poisson(60 * np.exp(drift) * np.ones(exposures.shape)).astype(float)
        low, high = fit(Data(counts, exposures, kept, ADOPTERS), own).interval(np.ones(1))
        widths.append(high - low)
    assert widths[1] > 2 * widths[0]

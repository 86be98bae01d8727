"""Golden values of src/evaluate/statistics, from scipy and the package krippendorff.

pip install scipy==1.17.1 krippendorff==0.9.0 numpy==2.4.6
python test/python/golden_statistics.py > test/python/golden_statistics.json
"""

import json
from importlib.metadata import version

import krippendorff
import numpy as np
from scipy import stats


def paired(rng: np.random.Generator, items: int, decimals: int) -> dict[str, object]:
    first = np.round(rng.normal(0.55, 0.3, items), decimals)
    second = np.round(rng.normal(0.5, 0.3, items), decimals)
    test = stats.permutation_test(
        (first - second,),
        np.mean,
        permutation_type="samples",
        n_resamples=1_000_000 if items > 16 else np.inf,
        batch=10_000,
        rng=rng,
    )
    interval = stats.bootstrap(
        (first - second,), np.mean, n_resamples=200_000, method="percentile", batch=10_000, rng=rng
    ).confidence_interval
    return {
        "first": first.tolist(),
        "second": second.tolist(),
        "difference": float(test.statistic),
        "p": float(test.pvalue),
        "low": float(interval.low),
        "high": float(interval.high),
    }


def alpha(
    rng: np.random.Generator, raters: int, units: int, values: int, missing: float
) -> dict[str, object]:
    truth = rng.integers(1, values + 1, units)
    noise = rng.integers(-1, 2, (raters, units)) * (rng.random((raters, units)) < 0.5)
    ratings = np.clip(truth + noise, 1, values).astype(float)
    ratings[rng.random((raters, units)) < missing] = np.nan
    levels = ["nominal", "ordinal", "interval"]
    return {
        "units": [[None if np.isnan(value) else int(value) for value in unit] for unit in ratings.T],
        **{level: float(krippendorff.alpha(ratings, level_of_measurement=level)) for level in levels},
    }


def main() -> None:
    rng = np.random.default_rng(5)
    packages = ["scipy", "krippendorff", "numpy"]
    golden = {
        "packages": {name: version(name) for name in packages},
        "paired": [paired(rng, *shape) for shape in [(5, 1), (12, 1), (16, 4), (40, 1), (300, 3)]],
        "alpha": [
            alpha(rng, *shape)
            for shape in [(2, 20, 5, 0.0), (3, 15, 4, 0.2), (5, 30, 10, 0.5), (4, 8, 2, 0.3)]
        ],
    }
    print(json.dumps(golden))


if __name__ == "__main__":
    main()

"""Everything recomputed, against the specification and against a second way."""

import math
import tomllib

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as sk

from genre_core.lessons.studies import STUDIES_DIR, list_studies, load_study
from genre_core.lessons.studies.recompute import RULES


def printed(network: str) -> np.ndarray:
    """A matrix of S3 straight from the file [shape=(12, 12)], rows = predicted as printed."""
    plain = tomllib.loads((STUDIES_DIR / "s3.toml").read_text(encoding="utf-8"))
    return np.array(
        next(each["counts"] for each in plain["matrices"] if each["network"] == network)
    )


def answers(network: str) -> tuple[list[int], list[int]]:
    """One true and one predicted genre a cover, unrolled cell by cell."""
    true: list[int] = []
    said: list[int] = []
    for (row, column), n in np.ndenumerate(printed(network)):
        true += [column] * int(n)
        said += [row] * int(n)
    return true, said


# Study, value, what the specification says of it, and how exactly it says so.
SPECIFIED = [
    ("S1", "majority", 0.972, 5e-4),
    ("S1", "first_train", 0.9713, 0),
    ("S1", "first_val", 0.9718, 0),
    ("S1", "n_parameters", 447_593, 0),
    ("S1", "n_epochs", 19, 0),
    ("S2", "chance", 1 / 15, 1e-12),
    ("S3", "accuracy_6", 0.269, 5e-4),
    ("S3", "balanced_6", 0.109, 5e-4),
    ("S3", "accuracy_8", 0.117, 5e-4),
    ("S3", "balanced_8", 0.132, 5e-4),
    ("S3", "chance", 0.083, 5e-4),
    ("S3", "n_majority", 959, 0),
    ("S3", "n_test", 3_733, 0),
    ("S3", "majority", 0.257, 5e-4),
    ("S3", "test_share", 0.201, 5e-4),
    ("S3", "n_known", 18_314, 0),
    ("S3", "prior_entropy", 2.21, 5e-3),
    ("S3", "darkest", 0.0039, 5e-5),
    ("S4", "n_a", 67_081_236, 0),
    ("S4", "n_b", 2_236_164, 0),
    ("S4", "old_time", 0.84, 0),
    ("S4", "pop", 0.05, 0),
    ("S4", "rock", 0.065, 0),
    ("S5", "accuracy_5", 148 / 204, 0),
    ("S5", "accuracy_5", 0.7255, 5e-5),
    ("S5", "as_divided_5", 0.7327, 5e-5),
    ("S5", "accuracy_6", 150 / 204, 0),
    ("S5", "accuracy_6", 0.7353, 5e-5),
    ("S5", "as_divided_6", 0.7426, 5e-5),
    ("S5", "n_windows", 109_690, 0),
    ("S5", "surplus", 0.68, 5e-3),
    ("S5", "a_prog_song", 546, 0.5),
    ("S5", "a_non_song", 225, 0.5),
    ("S5", "a_prog_test_song", 593, 0.5),
    ("S5", "a_non_test_song", 304, 0.5),
    ("S5", "n_lstm", 674_452, 0),
    ("S5", "n_mlp", 389_698, 0),
    ("S5", "n_features", 205, 0),
    ("S5", "n_with_rmse", 206, 0),
    ("S5", "n_statistics", 410, 0),
    ("S5", "n_unnamed", 13, 0),
    ("S5", "mlp_cv", 0.997, 5e-4),
    ("S5", "cnn", 0.7376, 5e-5),
    ("S5", "cnn_windows", 0.6338, 5e-5),
    ("S5", "n_segments", 19, 0),
]


@pytest.mark.parametrize(("study", "name", "value", "within"), SPECIFIED)
def test_the_specifications_figures_come_out(
    study: str, name: str, value: float, within: float
) -> None:
    assert load_study(study).values[name] == pytest.approx(value, abs=within or 1e-12)


@pytest.mark.parametrize("network", ["6", "8"])
def test_a_printed_matrix_agrees_with_scikit_learn(network: str) -> None:
    values = load_study("S3").values
    true, said = answers(network)
    assert len(true) == 3_733
    assert values[f"accuracy_{network}"] == pytest.approx(sk.accuracy_score(true, said))
    assert values[f"balanced_{network}"] == pytest.approx(sk.balanced_accuracy_score(true, said))
    assert values[f"macro_f1_{network}"] == pytest.approx(sk.f1_score(true, said, average="macro"))
    assert values[f"n_predicted_{network}"] == len(set(said))
    shares = np.bincount(said, minlength=12) / len(said)
    assert values[f"most_{network}"] == pytest.approx(shares.max())
    agreement = (np.bincount(true, minlength=12) / len(true) * shares).sum()
    assert values[f"by_chance_{network}"] == pytest.approx(agreement)
    assert sk.cohen_kappa_score(true, said) == pytest.approx(
        (values[f"accuracy_{network}"] - agreement) / (1 - agreement)
    )


def test_the_model_that_is_worst_by_accuracy_is_best_by_balanced_accuracy() -> None:
    values = load_study("S3").values
    assert values["accuracy_8"] < values["majority"] < values["accuracy_6"]
    assert values["balanced_8"] > values["balanced_6"] > values["chance"]
    assert values["macro_f1_8"] > values["macro_f1_6"]


def test_rows_are_predicted_because_only_the_columns_agree() -> None:
    six, eight = printed("6"), printed("8")
    assert six.sum(axis=0).tolist() == eight.sum(axis=0).tolist()
    assert six.sum(axis=1).tolist() != eight.sum(axis=1).tolist()
    # Rows as truth would give two test sets: 2,957 and 46 covers of Alternative Rock.
    assert (six.sum(axis=1)[0], eight.sum(axis=1)[0]) == (2957, 46)
    # And the lesson would turn over.
    values = load_study("S3").values
    for network, matrix in (("6", six), ("8", eight)):
        rows = matrix.sum(axis=1)
        misread = (matrix.diagonal()[rows > 0] / rows[rows > 0]).mean()
        assert values[f"misread_{network}"] == pytest.approx(misread)
    assert values["misread_6"] > values["misread_8"]


def test_shares_and_entropies_by_hand() -> None:
    s1, s3 = load_study("S1").values, load_study("S3").values
    assert s1["majority"] == 80_000 / (80_000 + 2_316)
    p = 2_316 / 82_316
    assert s1["prior_entropy"] == pytest.approx(-p * math.log(p) - (1 - p) * math.log(1 - p))
    assert s1["missed"] == pytest.approx(0.01 * 82_316 / 2_316)
    true = printed("6").sum(axis=0)
    assert s3["majority"] == 959 / 3_733
    assert s3["prior_entropy"] == pytest.approx(stats.entropy(true))
    assert s3["test_share"] == 3_733 / 18_584
    assert s3["n_missing"] == 18_584 - 14_581 - 3_733


def test_s1_starts_on_its_lines() -> None:
    s1 = load_study("S1").values
    assert abs(s1["first_val"] - s1["majority"]) < 1e-4
    assert abs(s1["first_train"] - s1["majority"]) < 1e-3
    assert s1["first_loss"] == pytest.approx(s1["prior_entropy"], abs=0.015)


def test_s2s_intervals_are_scipys_and_its_last_two_overlap() -> None:
    s2 = load_study("S2").values
    n = int(0.15 * 30_713)
    assert s2["n_test"] == pytest.approx(n, abs=1)
    for name, share in (("densenet", 0.22), ("resnet", 0.20), ("inception", 0.19)):
        k = round(share * 0.15 * 30_713)
        low, high = stats.binomtest(k, n).proportion_ci(method="exact")
        assert s2[f"{name}_low"] == pytest.approx(low, abs=1e-3)
        assert s2[f"{name}_high"] == pytest.approx(high, abs=1e-3)
    assert s2["inception_high"] > s2["resnet_low"]
    assert s2["resnet_high"] > s2["densenet_low"]
    assert (s2["links_whole"], s2["links_blocks"]) == (14_365, 1_155)


def test_the_epoch_log_is_whole_and_its_extremes_are_numpys() -> None:
    study = load_study("S1")
    assert study.epochs is not None
    rows = study.epochs.rows()
    assert [row["epoch"] for row in rows] == list(range(1, 20))
    later = [row["val_accuracy"] for row in rows[2:]]
    assert study.values["lowest_val"] == min(later) == 0.977
    assert study.values["highest_val"] == max(later) == 0.9998
    assert study.values["lowest_train"] == min(row["accuracy"] for row in rows[2:]) == 0.9902


def test_every_rule_is_used_and_every_value_is_finite() -> None:
    studies = [load_study(name) for name in list_studies()]
    used = {each.rule for study in studies for each in study.recomputed}
    assert used == set(RULES)
    for study in studies:
        assert study.values
        assert all(math.isfinite(value) for value in study.values.values())

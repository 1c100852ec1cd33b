"""What a training will cost: counted as the training counts, bounded, and nothing written."""

import dataclasses
import json
import math
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from genre_core.config import (
    Augment,
    CoverInput,
    Experiment,
    SongInput,
    Task,
    Training,
    changed,
    load_experiment,
    song_input,
)
from genre_core.data.catalog import Catalog, DatasetHead
from genre_core.data.cover_cache import cache_file
from genre_core.data.item import items_frame
from genre_core.data.song_inputs import read_songs
from genre_core.errors import DatasetError, GenreError, ParameterError
from genre_core.jobs import estimate as estimating
from genre_core.jobs.estimate import Estimate, estimate
from genre_core.jobs.item_counts import count_items, count_segments
from genre_core.jobs.step_cost import step_cost
from tests.made_forks import said_by
from tests.made_songs_set import LOG_MEL, MEL, song_experiment

SPLITS = ("train",) * 6 + ("val",) * 2 + ("test",) * 2
PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def covers(tmp_path: Path) -> Catalog:
    """A hundred covers whose files are empty: an estimate opens none."""
    for k in range(100):
        (tmp_path / f"{k}.jpg").touch()
    rows = [
        {
            "item_id": f"{k}.jpg",
            "path": f"{k}.jpg",
            "checksum": f"{k:064x}",
            "labels": [("Blue", "Red")[k // 10 % 2]],
            "split": SPLITS[k % 10],
        }
        for k in range(100)
    ]
    head = DatasetHead("made", "Made", "unknown", "unknown", labels=("Blue", "Red"))
    return Catalog(head, tmp_path, items_frame(rows))


def recipe(**training: object) -> Experiment:
    return Experiment(
        name="made",
        title="Made",
        study="ours",
        architecture="s3_model_1",
        tag="made",
        task=Task(genres=("Blue", "Red"), head="binary"),
        input=CoverInput(size=64),
        training=Training(**({"epochs": 3, "batch_size": 16} | training)),
        augment=Augment(flip=True, crop=0.8),
    )


def measured(experiment: Experiment, covers: Catalog, max_s: float = 60.0) -> Estimate:
    return estimate(experiment, covers, measure_steps=3, max_s=max_s)


@pytest.mark.parametrize(
    ("change", "how", "said"),
    [
        ({}, {"measure_steps": -1}, "measure_steps must be at least 0"),
        ({}, {"max_s": 0.0}, "max_s must be above 0 s"),
        ({"architecture": "s3_modl_1"}, {}, "Did you mean 's3_model_1'"),
        ({"task.genres": ["Blue", "Green"]}, {}, "no item for Green"),
        ({"training.weight_decay": 0.1}, {}, "weight_decay needs optimizer"),
        ({"training.frozen_until": "pool_9"}, {}, "cut at one of its layers"),
        ({"network.dropuot": 0.1}, {}, "dropuot"),
        ({"task.head": "multilabel", "training.class_weights": True}, {}, "multilabel task has"),
    ],
)
def test_what_a_training_would_refuse(
    covers: Catalog, change: dict[str, object], how: dict[str, float], said: str
) -> None:
    with pytest.raises(GenreError, match="Received") as error:
        estimate(changed(recipe(), change), covers, **how)
    assert said in str(error.value)


def test_the_other_medium_is_refused(covers: Catalog, song_set: Catalog) -> None:
    with pytest.raises(ParameterError, match="Received made, a data set of covers"):
        estimate(song_experiment(), covers)
    with pytest.raises(ParameterError, match="learns from covers"):
        estimate(recipe(), song_set)


def test_a_split_without_a_genre_is_refused(covers: Catalog) -> None:
    frame = covers.frame.copy()
    frame.loc[(frame["split"] == "val"), "labels"] = frame["labels"].map(lambda _: ["Red"])
    with pytest.raises(DatasetError, match="Received split val: no Blue"):
        estimate(recipe(), dataclasses.replace(covers, frame=frame))


def test_counts_of_covers(covers: Catalog) -> None:
    found = estimate(recipe(repeats=2), covers)
    assert (found.items, found.n_train, found.n_val, found.n_fits) == ("covers", 60, 20, 2)
    assert found.steps_per_epoch == 4
    both = estimate(recipe(train_on="train+val", select="last_epoch"), covers)
    assert (both.n_train, both.n_val, both.steps_per_epoch) == (80, 0, 5)


def test_nothing_is_known_of_times_that_were_not_measured(covers: Catalog) -> None:
    found = estimate(recipe(), covers)
    assert found.n_measured == 0
    assert {found.step_s, found.epoch_s, found.total_s, found.prepare_s} == {None}
    assert found.unknown == ("No step was tried, so no time is known.",)


def test_times_add_up_and_are_json(covers: Catalog, made_networks: None) -> None:
    found = measured(recipe(repeats=2, patience=1), covers)
    assert 1 <= found.n_measured <= 3
    assert found.step_s > 0
    # Four steps, and a third of 20 / 16 steps for choosing.
    assert found.epoch_s == pytest.approx(found.step_s * (4 + 20 / 16 / 3))
    assert found.total_s == pytest.approx(2 * 3 * found.epoch_s)
    assert found.unknown == ("An early stop makes it shorter.",)
    assert found.device == "CPU"
    plain = json.loads(json.dumps(found.to_plain()))
    assert plain["total_s"] == found.total_s
    assert plain["disk_bytes"] == found.disk_bytes


def test_nothing_is_written(covers: Catalog, genre_home: Path, made_networks: None) -> None:
    measured(recipe(frozen_until="pool_2", views=2), covers)
    assert not genre_home.exists()


def test_parameters_are_the_networks_own(covers: Catalog) -> None:
    from genre_core.architectures import build

    network = build("s3_model_1", n_logits=1, input_shape=(64, 64, 3))
    found = estimate(recipe(), covers)
    assert found.n_parameters == found.n_trainable == network.count_params()
    assert found.disk_bytes["checkpoint"] == 4 * network.count_params()


def test_a_frozen_part_is_not_trained_and_its_maps_need_room(covers: Catalog) -> None:
    from genre_core.architectures import build
    from genre_core.architectures.cut import cut_network

    body, tail = cut_network(build("s3_model_1", n_logits=1, input_size=64), "pool_2")
    found = measured(recipe(frozen_until="pool_2", views=3), covers)
    assert found.n_trainable == tail.count_params() < found.n_parameters
    assert found.disk_bytes["maps"] == 2 * (3 * 60 + 20) * math.prod(body.output_shape[1:])
    assert found.prepare_s > 0
    assert found.total_s == pytest.approx(found.prepare_s + 3 * found.epoch_s)


def test_kept_norms_are_not_trained() -> None:
    tail = {"training.frozen_until": "block_19_add", "training.views": 1, "network.weights": "none"}
    base = changed(load_experiment("gaid5_lite2"), tail)
    free = changed(base, {"training.freeze_norm": False})
    kept, moved = (step_cost(each, measure_steps=0, max_s=1.0) for each in (base, free))
    assert kept.n_parameters == moved.n_parameters
    assert kept.n_trainable < moved.n_trainable


def test_prepared_covers_that_are_there_need_no_room(covers: Catalog) -> None:
    spec = recipe().input
    assert estimate(recipe(), covers).disk_bytes["covers"] == 100 * 64 * 64 * 3
    for split in ("train", "val"):
        path = cache_file(covers.frame[covers.frame["split"] == split], spec)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert estimate(recipe(), covers).disk_bytes["covers"] == 20 * 64 * 64 * 3


def test_laws_of_memory(covers: Catalog) -> None:
    def memory(**settings: object) -> int:
        return estimate(recipe(**settings), covers).memory_bytes

    base = memory(batch_size=16)
    assert memory(batch_size=32) > base > memory(batch_size=8)
    # All but the inputs that wait: 6 batches of them.
    waiting = 4 * 6 * 8 * 64 * 64 * 3
    assert memory(batch_size=16, parts=2) == memory(batch_size=8) + waiting
    assert memory(optimizer="sgd") < memory(optimizer="adam") == memory(optimizer="adamw")
    # Twice the batch: twice what belongs to its items, and nothing else.
    assert memory(batch_size=64) - memory(batch_size=32) == 2 * (memory(batch_size=32) - base)


def test_recurrent_dropout_keeps_a_kernel_a_frame() -> None:
    short = {"input.n_frames": 100, "input.hop_frames": 50, "training.batch_size": 2}
    slow = changed(load_experiment("s5_lstm"), short)
    fast = changed(slow, {"network.recurrent_dropout": 0.0})
    costs = [step_cost(each, measure_steps=0, max_s=1.0).memory_bytes for each in (slow, fast)]
    assert costs[0] - costs[1] == 4 * 2 * 100 * 2 * (205 * 4 * 205)  # two layers


def test_a_short_time_is_kept_and_told(covers: Catalog, made_networks: None) -> None:
    found = measured(recipe(), covers, max_s=1e-3)
    assert found.n_measured == 1
    assert found.step_s > 0
    assert found.unknown[0].startswith("Steps were timed with 2 of 16 items and scaled up")


@pytest.mark.parametrize(("item_s", "n_tried"), [(0.02, 24), (0.001, 256), (10.0, 2)])
def test_long_steps_do_not_break_the_bound(
    item_s: float, n_tried: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from genre_core.jobs import step_cost as module

    now = 0.0

    def made(_: object, __: object, size: int) -> Iterator[float]:
        nonlocal now
        while True:
            now += item_s * size
            yield item_s * size

    monkeypatch.setattr(module, "_steps", made)
    monkeypatch.setattr(module.time, "perf_counter", lambda: now)
    cost = step_cost(recipe(batch_size=256), measure_steps=5, max_s=1.0)
    assert now <= max(1.0, 2 * 2 * item_s) + 1e-9  # the first two steps cannot be stopped
    assert cost.n_tried == pytest.approx(n_tried, abs=1)
    assert cost.step_s == pytest.approx(256 * item_s)


def test_what_does_not_fit_is_not_tried(covers: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimating, "_free_bytes", lambda: 10_000_000)
    found = measured(recipe(), covers)
    assert found.memory_free_bytes == 10_000_000
    assert found.step_s is None
    assert "0.0 GB are free: none was tried" in found.unknown[0]
    assert "training.parts" in found.unknown[0]


def test_a_system_that_does_not_tell_its_memory(
    covers: Catalog, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(estimating, "_MEMORY_FACTS", tmp_path / "none")
    assert estimate(recipe(), covers).memory_free_bytes is None


@pytest.mark.parametrize("spec", [LOG_MEL, MEL], ids=lambda spec: spec.features)
def test_segments_are_counted_before_and_after_as_they_are_read(
    song_set: Catalog, spec: SongInput
) -> None:
    made = song_experiment(spec=spec, training={"batch_size": 4})
    ahead = count_items(made, song_set)
    train = song_set.frame[song_set.frame["split"] == "train"]
    val = song_set.frame[song_set.frame["split"] == "val"]
    real = tuple(
        sum(len(each) for each in read_songs(song_set, part, spec)) for part in (train, val)
    )
    assert min(real) > 0
    assert ahead.fits == (pytest.approx(real, rel=0.1),)  # songs are not all of one length
    assert "features of 24 of 24 songs are not computed" in ahead.unknown[0]
    assert ahead.disk_bytes["segments"] == 4 * sum(ahead.fits[0]) * math.prod(spec.shape)
    partly = count_items(made, song_set)
    assert "features of 6 of 24 songs" in partly.unknown[0]
    list(read_songs(song_set, song_set.frame, spec))
    after = count_items(made, song_set)
    assert (after.fits, after.unknown, after.disk_bytes["features"]) == (ahead.fits, (), 0)


def test_a_cut_song_has_fewer_segments(song_set: Catalog) -> None:
    whole, cut = (count_items(song_experiment(clip_s=s), song_set) for s in (0.0, 1.5))
    assert cut.fits[0][0] < whole.fits[0][0]


@pytest.mark.parametrize("groups", ["group", "none"])
def test_folds_are_fits_of_their_own(song_set: Catalog, groups: str) -> None:
    settings = {"folds": 4, "fold_groups": groups, "repeats": 2}
    made = song_experiment(spec=MEL, training=settings)
    found = count_items(made, song_set)
    whole = count_items(song_experiment(spec=MEL), song_set).fits[0]
    total = 2 * whole[0]  # half of the songs are for training
    # A fold leaves three quarters, of which a quarter chooses.
    assert len(found.fits) == 5
    for fit in found.fits[:4]:
        assert fit == pytest.approx((total * 9 / 16, total * 3 / 16), abs=1)
    # Single songs leave no split behind: all are learnt from in the end.
    assert found.fits[4] == (whole if groups == "group" else pytest.approx((total, 0), abs=1))


def test_a_head_takes_no_steps(song_set: Catalog) -> None:
    settings = {"method": "logistic", "folds": 4}
    made = song_experiment(training=settings, network={"features": "pool"})
    found = estimate(made, song_set, measure_steps=3)
    assert (found.n_fits, found.step_s, found.n_train) == (0, None, None)
    assert found.unknown[-1].startswith("This recipe takes no training steps")
    assert 0 < found.n_trainable < found.n_parameters


def test_a_song_that_cannot_be_read_is_passed_over(song_set: Catalog, tmp_path: Path) -> None:
    lost = dataclasses.replace(song_set, root=tmp_path)
    with pytest.raises(DatasetError, match=r"24 of 24 .* Beats-0.ogg: is not there any more"):
        estimate(song_experiment(), lost)
    for path in song_set.frame["path"]:
        (tmp_path / path).write_text("no song")
    found = count_items(song_experiment(), lost)
    assert found.fits == ()
    assert "No song says how long it is" in found.unknown[-1]
    told = estimate(song_experiment(), lost)
    assert (told.n_train, told.epoch_s, told.steps_per_epoch) == (None, None, None)


def test_segments_follow_the_song_s_length() -> None:
    spec = song_input(load_experiment("s5_cnn").input)
    counts = [count_segments(22_050 * seconds, spec) for seconds in (1, 5, 60, 600)]
    assert counts == sorted(counts)
    assert counts[-1] == pytest.approx(600 / spec.hop_s, rel=0.06)


def test_no_tensorflow_until_it_is_asked_for() -> None:
    script = "import sys, genre_core.jobs.estimate; sys.exit('tensorflow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=PROJECT, check=False)
    assert done.returncode == 0


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells its peak")
@pytest.mark.parametrize(
    "changes",
    [
        {"training.batch_size": 16},
        pytest.param({}, marks=pytest.mark.sweep),
        pytest.param({"training.parts": 1}, marks=pytest.mark.sweep),
    ],
)
def test_memory_is_near_what_a_training_takes(changes: dict[str, object]) -> None:
    script = f"""
import numpy as np, pathlib, sys
from genre_core.config import changed, load_experiment
from genre_core.jobs import step_cost
from genre_core.architectures import build
def kb(name):
    lines = pathlib.Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))
recipe = changed(load_experiment("s1_prog_covers"), {changes!r})
build("s5_mlp")
before = kb("VmRSS:")
pathlib.Path("/proc/self/clear_refs").write_text("5")
cost = step_cost.step_cost(recipe, measure_steps=1, max_s=60.0)
print(cost.memory_bytes, 1000 * (kb("VmHWM:") - before), cost.n_tried)
"""
    # As many threads as cores, whatever this run of the tests takes: each needs room.
    threads = {"TF_NUM_INTRAOP_THREADS": "0", "TF_NUM_INTEROP_THREADS": "0"}
    said, took, n_tried = map(int, said_by(script, env=threads).split()[-3:])
    assert n_tried == changes.get("training.batch_size", 32)
    assert said == pytest.approx(took, rel=0.4)


def test_made_inputs_are_of_the_right_shape(made_networks: None) -> None:
    # A network that is fed with something else would refuse it.
    few = recipe(batch_size=2)
    for made in (
        recipe(parts=4),
        dataclasses.replace(few, augment=Augment(slip="scaled_twice")),
        dataclasses.replace(few, task=Task(genres=("Blue", "Red"), head="multilabel")),
    ):
        cost = step_cost(made, measure_steps=1, max_s=60.0)
        assert cost.n_tried == made.training.batch_size
        assert np.isfinite(cost.step_s)

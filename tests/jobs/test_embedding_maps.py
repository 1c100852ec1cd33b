"""The map of an evaluation as a run: kept beside its embeddings, refused where there are none."""

from pathlib import Path

import numpy as np
import pytest

from genre_core.analysis.embedding_map import pca_map
from genre_core.errors import GenreError
from genre_core.jobs.embedding_maps import map_request
from genre_core.jobs.run_worker import carry_out
from genre_core.runs.evaluations import find_evaluation, save_evaluation
from genre_core.runs.run_folder import new_run
from tests.made_evaluations import made_evaluation
from tests.made_results import write_evaluated


def test_a_map_is_kept_beside_the_embeddings(genre_home: Path) -> None:
    record = made_evaluation(4)  # of so few the map needs no UMAP, which compiles for 20 s
    assert record.umap() is None
    run = new_run(map_request(record.name))
    carry_out(run)
    assert run.status().result == record.name
    embeddings = record.embeddings()
    assert embeddings is not None
    np.testing.assert_allclose(record.umap(), pca_map(embeddings), atol=1e-6)


def test_a_new_evaluation_forgets_the_map_of_the_old(genre_home: Path) -> None:
    record = made_evaluation(4)
    carry_out(new_run(map_request(record.name)))
    made_evaluation(5)
    assert find_evaluation(record.name).umap() is None


def test_without_embeddings_there_is_none(genre_home: Path) -> None:
    record = made_evaluation(4)
    save_evaluation(record.about, record.metrics(), record.predictions())
    with pytest.raises(GenreError, match="keeps embeddings"):
        map_request(record.name)
    with pytest.raises(GenreError, match="MODEL@SET"):
        map_request("no.such@set")


def test_a_model_s_own_figures_get_no_map(genre_home: Path) -> None:
    bundle = write_evaluated(genre_home / "models")
    np.save(bundle.folder / "embeddings.npy", np.eye(10, dtype=np.float32))
    with pytest.raises(GenreError, match="keeps embeddings"):
        map_request("made.test@made")

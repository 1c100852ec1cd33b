"""The UMAP of an evaluation as a run: it takes up to minutes, and is kept beside the embeddings."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from genre_core.data.files import atomic_path
from genre_core.errors import ParameterError
from genre_core.progress import Log
from genre_core.runs.evaluations import UMAP_FILE, EvaluationRecord, find_evaluation
from genre_core.runs.run_folder import Request, RunFolder


def map_request(evaluation: str) -> Request:
    """Write down the map of an evaluation as a run's request.

    Raises `EvaluationError` where there is none, `ParameterError` where it keeps no embeddings.
    """
    _embeddings(find_evaluation(evaluation))
    return Request("map", f"Map of {evaluation}", {"evaluation": evaluation})


def carry_out_map(run: RunFolder, log: Log) -> str:
    """Make the map that a run asks for, keep it, and return the evaluation's name."""
    from genre_core.analysis.embedding_map import umap_map

    record = find_evaluation(run.request().settings["evaluation"])
    embeddings = _embeddings(record)
    log(f"{len(embeddings):,} embeddings of {embeddings.shape[1]}; no step of it can be stopped")
    made = umap_map(embeddings)
    with atomic_path(record.folder / UMAP_FILE) as part, part.open("wb") as file:
        np.save(file, made, allow_pickle=False)
    return record.name


def _embeddings(record: EvaluationRecord) -> NDArray[np.floating[Any]]:
    embeddings = record.embeddings() if record.is_stored else None
    if embeddings is None:
        raise ParameterError(
            "A map needs an evaluation that keeps embeddings.",
            received=record.name,
            cure="Evaluate the network on the data set: a model's own figures keep none.",
        )
    return embeddings

"""`python -m assets.make.removed` measures shipped networks with kernels taken out, on real data.

The data lies in the folder `GENRE_DATA` and is not part of the project; what is stored is figures.
Variants that are measured are kept in the home folder: a stopped run goes on where it was.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

from genre_core.data.home import home
from genre_core.data.importers import find_dataset
from genre_core.explain.patterns_store import SHIPPED
from genre_core.explain.removed_store import save_removed
from genre_core.jobs.removing import measure_removed
from genre_core.runs.bundle import find_bundle


@dataclass(frozen=True, slots=True)
class Question:
    """A network, the items that it is asked, and what must be said beside the figures."""

    model: str
    data: str
    source: str = ""
    note: str = ""


QUESTIONS = (
    Question(
        "s5_cnn.soft_prog",
        "audio",
        source="rendered60",
        note="Transcriptions played by one synthesizer: label and transcriber coincide, so this is "
        "a stress set and no evidence on prog. What counts here is the change.",
    ),
    Question(
        "s5_cnn.soft_prog",
        "audio",
        source="emotify,debian_songs,misc_cc,gtzan100",
        note="Songs known not to be prog: accuracy is the share that is not called prog.",
    ),
    Question("s4_b.emotify4", "audio"),
    Question("s3_model_5.gaid5_weighted", "covers_v2"),
    Question("s1_prog_covers.prog_vs_rock", "covers_v2"),
)


def main(names: list[str]) -> None:
    """Measure and store every question, or those about the networks that are named."""
    for place, question in enumerate(QUESTIONS):
        if names and question.model not in names:
            continue
        bundle = find_bundle(question.model)
        kept = home() / "removed" / f"{bundle.name}-{place}.json"
        result = measure_removed(
            bundle,
            find_dataset(question.data),
            source=question.source,
            kept=kept,
            log=lambda line: print(line, flush=True),
        )
        save_removed(bundle.card, result | {"note": question.note}, SHIPPED)
        kept.unlink(missing_ok=True)


if __name__ == "__main__":
    main(sys.argv[1:])

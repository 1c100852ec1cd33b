"""How a network is fitted, and the whole recipe of an experiment."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from genre_core.config.song import SongInput
from genre_core.config.task import Augment, CoverInput, Task
from genre_core.errors import ParameterError, require


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """How a network is fitted.

    epochs: Largest number of passes over the training items.
    batch_size: Covers, or segments of songs, a step.
    parts: Work off each batch in so many equal parts, one after the other: a step needs as much
        less memory. The update stays that of the whole batch, but for a network with batch
        normalization, which is normalized part by part. Must divide `batch_size`.
    optimizer: Keras optimizer.
    learning_rate: First learning rate.
    schedule: Learning rate over the steps.
    weight_decay: Decoupled weight decay (AdamW and SGD only).
    label_smoothing: In [0, 0.5].
    class_weights: Weigh each genre by n / (n_genres * n_genre), scikit-learn's "balanced"; for a
        logistic head on covers val decides.
    patience: Stop after so many epochs without a better `select` value; 0 never stops early.
    select: The validation figure that chooses epoch and repeat. `last_epoch` chooses nothing: the
        last epoch of each repeat counts and the first repeat is kept, whatever they reach.
    train_on: With `train+val` nothing is left to choose on: `select` must be `last_epoch`.
    frozen_until: Name of the last layer of the frozen part; empty trains the whole network. The
        frozen part is run once over `views` versions of each cover and its maps are cached.
    views: Versions of each training cover that a frozen part or a head reads: the first as it is,
        the others augmented.
    freeze_norm: Keep the statistics and scales of batch normalisations as they come; with few
        covers those of ImageNet are steadier than a batch's own.
    method: `none`, for songs, fits nothing: the weights are those that the network comes with.
        `logistic`: only the layer `logits` is fitted, as scikit-learn's logistic regression on what
        it reads of `views` versions of each cover, or averaged over a song's segments; its strength
        is chosen on val, for songs by folds of those it may learn from.
    folds: For songs with labels: the estimate comes from so many folds of all songs; 0 takes the
        test split.
    fold_groups: `group` keeps a group (an artist) in one fold, `none` deals songs at random.
    teacher: For songs: name of the bundle whose prog score, segment by segment, is what the network
        learns in place of labels; empty for labels.
    prog_teachers: For songs: networks that were trained on real prog (`acoustic`, `depthwise`,
        `resnet`), whose mean logit is learnt in place of labels, as a rank among the training
        songs' segments; their weights lie in the folder `prog_real` of `GENRE_DATA`. Beside a
        `teacher` the mean of both ranks is learnt.
    copies: Changed copies of each training song that a network learns beside it from the same
        teachers: faster or slower, filtered, encoded anew, mixed with another training song.
    seed: Seed of the first repeat; repeat k uses `seed + k`.
    repeats: Trainings with different seeds; the best on validation is kept.
    """

    epochs: int
    batch_size: int = 32
    parts: int = 1
    optimizer: Literal["adam", "adamw", "sgd"] = "adam"
    learning_rate: float = 1e-3
    schedule: Literal["constant", "cosine"] = "constant"
    weight_decay: float = 0.0
    label_smoothing: float = 0.0
    class_weights: bool = False
    patience: int = 0
    select: Literal["val_loss", "val_macro_f1", "val_roc_auc", "last_epoch"] = "val_loss"
    train_on: Literal["train", "train+val"] = "train"
    frozen_until: str = ""
    views: int = 1
    freeze_norm: bool = False
    method: Literal["gradient", "logistic", "none"] = "gradient"
    folds: int = 0
    fold_groups: Literal["group", "none"] = "group"
    teacher: str = ""
    prog_teachers: tuple[str, ...] = ()
    copies: int = 0
    seed: int = 0
    repeats: int = 1

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size", "parts", "views", "repeats"):
            value = getattr(self, name)
            require(value >= 1, f"{name} must be at least 1.", value, "Give a whole number.")
        require(
            self.batch_size % self.parts == 0,
            f"parts must divide batch_size, here {self.batch_size}.",
            self.parts,
            "Give 1, or another divisor.",
        )
        require(
            self.learning_rate > 0, "learning_rate must be > 0.", self.learning_rate, "Try 1e-3."
        )
        require(
            0 <= self.label_smoothing <= 0.5,
            "label_smoothing must lie in [0, 0.5].",
            self.label_smoothing,
            "Give 0.0 for none.",
        )
        require(
            self.train_on == "train" or self.select == "last_epoch",
            "train_on = 'train+val' leaves nothing to choose on: select must be 'last_epoch'.",
            self.select,
            "Set select = 'last_epoch', or train on 'train' alone.",
        )
        require(
            self.patience == 0 or self.select != "last_epoch",
            "patience needs a validation figure in select.",
            self.patience,
            "Set patience = 0, or select = 'val_loss'.",
        )
        require(
            self.folds == 0 or (self.folds >= 2 and self.method != "none" and not self.is_taught),
            "folds must be 0, or at least 2 for a network of songs that learns labels.",
            (self.folds, self.method, self.teacher),
            "Set folds = 0 for the test split.",
        )
        require(
            not self.is_taught or self.method == "gradient",
            "A teacher's scores are learnt by method = 'gradient'.",
            self.method,
            "Leave the teacher out, or set method = 'gradient'.",
        )
        require(
            self.copies >= 0 and (self.is_taught or not self.copies),
            "copies must be at least 0, and 0 without teachers: they tell what a copy is.",
            self.copies,
            "Set copies = 0.",
        )

    @property
    def is_taught(self) -> bool:
        """Whether a teacher's scores are learnt in place of labels."""
        return bool(self.teacher or self.prog_teachers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A further test of a trained network: other covers as the same genres.

    title: One line for people.
    sources, rules: As in `Task`; genres and head are the experiment's own.
    note: What the figure does and does not show.
    """

    title: str
    sources: tuple[str, ...] = ()
    rules: dict[str, tuple[str, ...]] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """A named recipe without results: what a study did, or what we do.

    name: Also the file name of its TOML.
    title: One line for people.
    study: Whose recipe it is.
    architecture: Key of `genre_core.architectures.ARCHITECTURES`.
    tag: Second half of the bundle's name, `<architecture>.<tag>`.
    network: Keyword arguments of the architecture's builder (dropout, weights ...).
    notes: Choices that are ours where the study is silent.
    description: For the card: what the trained network is for.
    confounds: For the card: what else could explain the figures, one sentence each.
    prog_genre: For songs: the genre whose probability is the prog score; empty for none.
    prog_quantile: Above 0, the score is a rank score: this quantile of the known non-prog songs of
        val lands at .5. At 0 it is the probability itself.
    reports: Further tests, each with the colour baseline, the source-only probe and a figure after
        neutralising how the files were made.
    """

    name: str
    title: str
    study: Literal["S1", "S2", "S3", "S4", "S5", "ours"]
    architecture: str
    tag: str
    task: Task
    input: CoverInput | SongInput
    training: Training
    augment: Augment = field(default_factory=Augment)
    network: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    description: str = ""
    confounds: tuple[str, ...] = ()
    prog_genre: str = ""
    prog_quantile: float = 0.0
    reports: tuple[Report, ...] = ()

    def __post_init__(self) -> None:
        require(
            not self.prog_genre or self.prog_genre in self.task.genres,
            "prog_genre must be one of the task's genres.",
            self.prog_genre,
            f"Use one of {', '.join(self.task.genres)}.",
        )
        require(
            0 <= self.prog_quantile < 1,
            "prog_quantile must lie in [0, 1).",
            self.prog_quantile,
            "Give 0.0 for the probability itself.",
        )

    @property
    def bundle_name(self) -> str:
        """`<architecture>.<tag>`, the folder name of the trained bundle."""
        return f"{self.architecture}.{self.tag}"

    def task_of(self, report: Report) -> Task:
        """Return the task of a further test."""
        task = self.task
        return Task(genres=task.genres, sources=report.sources, rules=report.rules, head=task.head)


def cover_input(spec: CoverInput | SongInput) -> CoverInput:
    """Return the input of a network that is fed with covers."""
    if not isinstance(spec, CoverInput):
        raise ParameterError(
            "This step needs a network of covers.",
            received=f"one of songs ({spec.features})",
            cure="Choose a model whose media is cover.",
        )
    return spec


def song_input(spec: CoverInput | SongInput) -> SongInput:
    """Return the input of a network that is fed with songs."""
    if not isinstance(spec, SongInput):
        raise ParameterError(
            "This step needs a network of songs.",
            received=f"one of covers ({spec.size} px)",
            cure="Choose a model whose media is song.",
        )
    return spec

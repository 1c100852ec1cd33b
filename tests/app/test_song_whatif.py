"""What if a song sounded otherwise: controls become an edit, both are heard, scores move."""

import io
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
from streamlit.testing.v1 import AppTest

from genre_core.audio.decode import decode_clip
from genre_core.audio.edits import HEARD_SR, SongEdit
from genre_core.cli.parser import make_parser
from genre_core.cli.what_if import edit_of
from genre_core.config import SongInput
from genre_core.data.demo import demo_songs
from genre_core.runs.bundle import find_bundle
from pages.ui.media.choice import own
from pages.ui.songs import whatif
from pages.ui.songs.edited import cached as edited
from tests.app_words import everything

Open = Callable[..., AppTest]
SHORT = demo_songs()[2].title


@pytest.fixture
def song_home(empty_home: Path, stored: Path) -> Path:
    """Home with a network that scores prog and one that names three genres."""
    for name in ("made.song", "made.genres"):
        shutil.copytree(stored / name, empty_home / "models" / name)
    return empty_home


def command(app: AppTest) -> SongEdit:
    """Read the edit from the command line that the page gives."""
    [line] = [code.value for code in app.code if " what-if " in code.value]
    return edit_of(make_parser().parse_args(shlex.split(line)[3:]), SongEdit)


def test_at_first_nothing_is_changed_and_it_waits_behind_its_tab(
    song_home: Path, open_app: Open
) -> None:
    assert "what-if" not in everything(open_app("songs", song=SHORT))
    app = open_app("songs", song=SHORT, part="What if")
    assert not app.exception
    assert not app.error
    assert command(app) == SongEdit()
    assert "Nothing is changed yet" in everything(app)


def test_controls_become_an_edit_and_undo_brings_all_back(song_home: Path, open_app: Open) -> None:
    app = open_app("songs", song=SHORT, part="What if")
    app.slider("trim").set_value((1, 4))
    app.button_group("sound").set_value("lasting tones")
    app.select_slider("band").set_value((250, 4_000))
    app.button_group("band_use").set_value("mute it")
    app.slider("tempo").set_value(3)
    app.slider("pitch").set_value(-2)
    app.slider("gain").set_value(-10)
    app.select_slider("kbps").set_value("64").run()
    assert not app.exception
    assert not app.error
    duration_s = decode_clip(demo_songs()[2].path, sr=HEARD_SR).duration_s
    edit = SongEdit(
        trim=(1, round(min(duration_s, edited.PART_S) - 4, 3)), part="harmonic",
        band=(250, 4_000), band_use="mute", tempo=1.03, pitch=0.98, gain=-10, mp3=64,
    )  # fmt: skip
    assert command(app) == edit
    words = everything(app)
    assert "prog score of" in words
    for step in edit.words[1:]:
        assert step in words
    app.toggle("ask_every").set_value(True).run()
    assert "answer before" in app.dataframe[-1].value.columns
    app.button("undo_song").click().run()
    assert command(app) == SongEdit()


def test_less_than_a_second_cannot_stay(song_home: Path, open_app: Open) -> None:
    app = open_app("songs", song=SHORT, part="What if")
    app.slider("trim").set_value((3, 3)).run()
    assert not app.exception
    assert "At least 1 s of the song must stay" in app.error[0].value


def test_what_is_silent_then_is_said_to_be(song_home: Path, open_app: Open) -> None:
    app = open_app("songs", song=SHORT, part="What if")
    app.select_slider("band").set_value((16_000, 22_050)).run()
    assert not app.exception
    assert "must hold music" in app.error[0].value


def heard(part: edited.Part, edit: SongEdit) -> np.ndarray:
    return soundfile.read(io.BytesIO(edited.wav(part, edit)), dtype="float32")[0]


def test_only_what_it_looked_at_and_all_but_that_add_up(song_home: Path) -> None:
    rng = np.random.default_rng(0)
    file = io.BytesIO()
    soundfile.write(file, rng.normal(0, 0.1, 45 * HEARD_SR), HEARD_SR, format="WAV")
    choice = own("noise.wav", file.getvalue())
    bundle = find_bundle("made.song")
    whole = edited.Part(choice, 10.0, 40.0)
    only, rest = (edited.Part(choice, 10.0, 40.0, bundle, how) for how in ("only", "without"))
    y = heard(whole, SongEdit())
    assert len(y) == 30 * HEARD_SR
    parts = [heard(part, SongEdit()) for part in (only, rest)]
    np.testing.assert_allclose(sum(parts), y, atol=1e-4)
    assert all(0.05 < part.std() / y.std() < 0.99 for part in parts)
    before, after = (edited.prediction(part, SongEdit(), bundle) for part in (whole, only))
    assert before.prog_score != after.prog_score
    assert only.words == ("only the 25 % that it looked at",)


def test_only_a_network_of_spectrograms_has_something_to_part_by(
    song_home: Path, open_app: Open
) -> None:
    app = open_app("songs", song=SHORT, part="What if")
    assert any(group.key == "looked" for group in app.button_group)
    frames = SongInput(features="frames_205", n_frames=40, hop_frames=40)
    card = SimpleNamespace(
        input=frames, title="LSTM", name="lstm", architecture="s5_lstm", study="s5"
    )
    assert whatif._ask_region(SimpleNamespace(card=card, name="lstm")) == ("", 0.25)

"""What if a song sounded otherwise: controls become an edit, both are heard, scores move."""

import io
import shlex
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
from streamlit.testing.v1 import AppTest

from genre_core import guarded
from genre_core.architectures.picture_bands import build_picture_bands
from genre_core.audio.decode import decode_clip
from genre_core.audio.edits import HEARD_SR, SongEdit
from genre_core.cli.parser import make_parser
from genre_core.cli.what_if import edit_of
from genre_core.config import SongInput
from genre_core.data.demo import demo_songs
from genre_core.runs.answers import SongPrediction
from genre_core.runs.bundle import find_bundle
from pages.ui.media.choice import Choice, own
from pages.ui.songs import whatif
from pages.ui.songs.edited import cached as edited
from tests.app_words import everything
from tests.made_song_bundles import MEL, write_song_bundle

Open = Callable[..., AppTest]
SHORT = demo_songs()[2].title


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


def noise(seconds: float = 45) -> Choice:
    file = io.BytesIO()
    y = np.random.default_rng(0).normal(0, 0.1, round(seconds * HEARD_SR))
    soundfile.write(file, y, HEARD_SR, format="WAV")
    return own("noise.wav", file.getvalue())


def test_only_what_it_looked_at_and_all_but_that_add_up(song_home: Path) -> None:
    choice, bundle = noise(), find_bundle("made.song")
    looks = edited.Looks(bundle, 1)
    whole = edited.Part(choice, 10.0, 40.0)
    only, rest = (edited.Part(choice, 10.0, 40.0, looks, how) for how in ("only", "without"))
    y = heard(whole, SongEdit())
    assert len(y) == 30 * HEARD_SR
    parts = [heard(part, SongEdit()) for part in (only, rest)]
    np.testing.assert_allclose(sum(parts), y, atol=1e-4)
    assert all(0.05 < part.std() / y.std() < 0.99 for part in parts)
    before, after = (edited.prediction(part, SongEdit(), bundle) for part in (whole, only))
    assert before.prog_score != after.prog_score
    assert only.words == ("only the 25 % that it looked at",)


def test_another_share_neither_decodes_the_song_nor_asks_the_network_again(
    song_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for cache in (edited._untouched, edited._maps, edited._parted, edited._changed, edited.wav):
        cache.clear()  # another test may have heard the same noise
    decoded, asked = [], []
    decode, cam_of = guarded.decode_clip, edited.song_cam
    monkeypatch.setattr(
        edited.guarded, "decode_clip", lambda *a, **k: decoded.append(a) or decode(*a, **k)
    )
    monkeypatch.setattr(edited, "song_cam", lambda one: asked.append(one) or cam_of(one))
    looks, choice = edited.Looks(find_bundle("made.song"), 1), noise(5)
    shares = [edited.Part(choice, 0.0, 5.0, looks, "only", share) for share in (0.1, 0.2, 0.5)]
    levels = [float(heard(part, SongEdit()).std()) for part in shares]
    assert levels == sorted(set(levels))
    assert len(decoded) == len(asked) == 1


def test_what_it_looked_at_is_heard_beside_all_but_that_with_the_score_of_each(
    song_home: Path, open_app: Open
) -> None:
    app = open_app("songs", song=SHORT, part="What if")
    assert len(app.get("audio")) == 1
    app.toggle("looked_at").set_value(True).run()
    assert not app.exception
    assert not app.error
    assert len(app.get("audio")) == 3
    scores = [one.value for one in app.metric if one.label == "prog score"]
    assert len(set(scores)) == 3
    words = everything(app)
    assert f"a prog score of {scores[0]}; the marked part **{scores[1]}**, all but that" in words
    assert "What speaks for *prog* by Grad-CAM" in words
    app.button_group("by").set_value("Integrated gradients").run()
    assert not app.exception
    assert "What speaks for *prog* by Integrated gradients" in everything(app)
    others = [one.value for one in app.metric if one.label == "prog score"]
    assert len(others) == 3
    assert others[0] == scores[0]
    assert others[1:] != scores[1:]
    app.toggle("ask_every").set_value(True).run()
    assert not app.exception
    columns = app.dataframe[-1].value.columns
    assert {"prog score the marked part", "answer all but that"} <= set(columns)
    app.button("undo_song").click().run()
    assert "Nothing is changed yet" in everything(app)


def test_another_genre_marks_another_part(song_home: Path) -> None:
    bundle, choice = find_bundle("made.genres"), noise(5)
    parts = [
        edited.Part(choice, 0.0, 5.0, edited.Looks(bundle, genre), "only") for genre in range(3)
    ]
    sounds = {heard(part, SongEdit()).tobytes() for part in parts}
    assert len(sounds) > 1


def answer(*probs: float, prog: float | None = None) -> SongPrediction:
    n = len(probs)
    return SongPrediction(
        "made", ("Folk", "Metal", "Pop")[:n], "softmax", np.zeros(1), np.ones(1), np.zeros((1, n)),
        np.array([probs]), None if prog is None else np.array([prog]),
    )  # fmt: skip


def test_of_two_genres_without_a_prog_score_it_says_what_changed_too() -> None:
    focus = find_bundle("s5_lstm.soft_prog")
    before, after = answer(0.75, 0.25), answer(0.25, 0.75)
    text = whatif._sentence(focus, {whatif.AS_IT_IS: before, "changed": after}, 1)
    assert "a score of Metal of **0.75**; as it is, 0.25." in text
    assert text.endswith("It said Folk; now it says **Metal**.")
    scored = {whatif.AS_IT_IS: answer(0.9, 0.1, prog=0.2), "changed": answer(0.1, 0.9, prog=0.4)}
    text = whatif._sentence(focus, scored, 1)
    assert text.endswith("a prog score of **0.40**; as it is, 0.20.")
    three = {name: answer(0.1, 0.2, 0.7) for name in (whatif.AS_IT_IS, "a", "b")}
    assert whatif._sentence(focus, three, 2).endswith("It still says **Pop**.")


def test_only_a_network_of_spectrograms_has_something_to_part_by(
    song_home: Path, open_app: Open
) -> None:
    app = open_app("songs", song=SHORT, part="What if")
    assert any(one.key == "looked_at" for one in app.toggle)
    frames = SongInput(features="frames_205", n_frames=40, hop_frames=40)
    card = SimpleNamespace(
        input=frames, title="LSTM", name="lstm", architecture="s5_lstm", study="s5"
    )
    lstm = edited.Looks(SimpleNamespace(card=card, name="lstm"), 0)
    assert whatif._ask_region(noise(2), lstm) is None


def test_a_network_over_bands_without_maps_has_nothing_to_part_by(
    empty_home: Path, open_app: Open
) -> None:
    network = build_picture_bands(input_shape=MEL.shape)
    write_song_bundle(empty_home / "models", network=network)
    app = open_app("songs", song=SHORT, part="What if", looked_at="true")
    assert not app.exception
    assert not app.error
    assert "has no map of where it looked" in everything(app)
    assert not any(one.key == "looked_at" for one in app.toggle)

"""Decoding of real songs, compared with librosa."""

import librosa
import numpy as np
import pytest

from genre_core.audio import decode_clips, probe_clip, read_tags

pytestmark = pytest.mark.realdata


def test_real_songs_have_librosas_samples(data_folder):
    folders = sorted((data_folder / "audio").iterdir())
    songs = [next(iter(sorted(each.rglob("*.ogg"))), None) for each in folders if each.is_dir()]
    songs = [song for song in songs if song][:3]
    assert len(songs) == 3
    for song in songs:
        clips = decode_clips(song)
        for sr, clip in clips.items():
            np.testing.assert_array_equal(clip.y, librosa.load(song, sr=sr)[0])
            assert clip.notes == ()
            assert not clip.is_silent
            assert np.abs(clip.y).max() < 2
        facts = probe_clip(song)
        assert (facts.container, facts.codec) == ("Ogg", "Vorbis")
        assert facts.duration_s == pytest.approx(clips[22_050].duration_s, abs=1e-3)
        assert read_tags(song).notes == ()

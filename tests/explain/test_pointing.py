"""Pointing: a made network's cause is found by maps, and not by what is most glaring."""

from __future__ import annotations

import numpy as np
import pytest

from genre_core.errors import ParameterError
from genre_core.explain.pointing import planted_cover, point, red_network
from genre_core.explain.saliency import METHODS


def test_the_network_reads_red_alone_and_the_cover_holds_both():
    planted = planted_cover(0)
    without = planted.cover.copy()
    without[planted.cause] = 100
    red = red_network()
    covers = np.stack([planted.cover, without]).astype(np.float32)
    logits = red(covers, training=False).numpy()
    assert logits[0, 0] > 10 * abs(logits[1, 0])
    assert logits[0, 1] == pytest.approx(logits[1, 1], rel=1e-3)


def test_every_method_points_at_the_cause_and_edges_at_what_glares():
    shares = point(METHODS, n=8)
    assert set(METHODS) < set(shares)
    assert min(shares[method] for method in METHODS) >= 0.75
    assert shares["edges"] < 0.5
    assert point(["gradcam"], n=8) == {
        name: share for name, share in shares.items() if name not in METHODS[1:]
    }


def test_no_cover_is_refused():
    with pytest.raises(ParameterError, match="Received 0"):
        point(["gradcam"], n=0)

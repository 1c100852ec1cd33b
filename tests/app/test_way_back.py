"""A step back to a page restores its link, which `st.switch_page` wrote another's over."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import frame
from tests.made_results import write_evaluated

Open = Callable[..., AppTest]


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        ({"evaluation": "made.test@made", "only": "outcome.wrong"}, "made.test"),  # a step back
        ({"evaluation": "made.test@made"}, "made.test"),  # of what is bound nothing is left
        ({}, "made.other"),  # by the menu
        ({"evaluation": "made.other@made"}, "made.other"),  # another link
    ],
)
def test_a_page_comes_back_with_its_own_link(
    made_home: Path, open_app: Open, present: dict[str, str], expected: str
) -> None:
    write_evaluated(made_home / "models", "made.other")
    theirs = {"evaluation": "made.test@made", "only": "outcome.wrong"}
    app = open_app("results")
    app.session_state[frame._LEFT] = ("results", {"network": "made.test"}, theirs)
    app.query_params.clear()
    for name, value in present.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    assert app.selectbox("result").value == expected

"""Who may change anything: the decision alone, with honest and with forged requests."""

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import permission
from pages.ui.permission import Visit, decide

HERE = {"Host": "localhost:8501", "Origin": "http://localhost:8501"}


@pytest.mark.parametrize(
    ("ip", "headers"),
    [
        (None, HERE),
        ("127.0.0.1", HERE),
        ("127.8.0.1", {"host": "127.0.0.1:8501"}),
        ("::1", {"HOST": "[::1]:8501", "ORIGIN": "http://[::1]:8501"}),
        ("::ffff:127.0.0.1", {"Host": "LOCALHOST"}),
        (None, HERE | {"User-Agent": "x", "Sec-WebSocket-Key": "y", "Accept-Language": "de"}),
    ],
)
def test_a_browser_on_this_machine_is_local(ip: str | None, headers: dict[str, str]) -> None:
    for setting in ("", "local", " LOCAL "):
        found = decide(setting, Visit(ip, headers))
        assert found.is_allowed
        assert found.may_name_folders
        assert (found.why, found.how, found.warning) == ("", "", "")


@pytest.mark.parametrize(
    ("ip", "headers"),
    [
        ("192.168.1.7", HERE),  # another machine that forges the name
        ("2001:db8::1", HERE),
        ("not an address", HERE),
        ("", HERE),
        ("127.0.0.1.example.org", HERE),
        ("::ffff:192.168.1.7", HERE),
        (None, {}),  # no browser leaves the name out
        (None, {"Host": ""}),
        (None, {"Host": "genres.example.org"}),
        (None, {"Host": "localhost.example.org:8501"}),
        (None, {"Host": "127.0.0.1.example.org"}),
        (None, {"Host": "localhost@example.org"}),
        (None, {"Host": "example.org/localhost"}),
        (None, {"Host": "localhost, example.org"}),
        (None, {"Host": "192.168.1.2:8501"}),
        (None, {"Host": "[2001:db8::1]:8501"}),
        (None, {"Host": "0.0.0.0:8501"}),
        # A proxy on this machine that keeps quiet still hands the page's own site on.
        (None, {"Host": "localhost:8501", "Origin": "https://genres.example.org"}),
        (None, {"Host": "localhost:8501", "Origin": "null"}),
        *[
            (None, HERE | {name: "127.0.0.1"})
            for name in (
                "X-Forwarded-For",
                "x-forwarded-for",
                "X-Forwarded-Host",
                "X-Forwarded-Proto",
                "Forwarded",
                "FORWARDED",
                "X-Real-Ip",
                "X-REAL-IP",
                "Via",
                "CF-Connecting-IP",
                "Cf-Ray",
                "True-Client-IP",
                "X-Client-IP",
                "Fly-Client-IP",
            )
        ],
    ],
)
def test_whoever_is_not_at_this_machine_is_not_local(
    ip: str | None, headers: dict[str, str]
) -> None:
    found = decide("local", Visit(ip, headers, is_signed_in=True))
    assert not found.is_allowed
    assert not found.may_name_folders
    assert found.why.endswith(".")
    assert "localhost" in found.how


def test_signed_in_asks_for_that_alone_and_names_no_folders() -> None:
    far = Visit("192.168.1.7", {"Host": "example.org", "X-Forwarded-For": "1.2.3.4"}, True)
    assert decide("signed-in", far).is_allowed
    assert not decide("signed-in", far).may_name_folders
    refused = decide("signed-in", Visit(None, HERE))
    assert not refused.is_allowed
    assert "Sign in" in refused.how


@pytest.mark.parametrize("setting", ["nobody", "everybody", "1", "true", "local,signed-in", "yes"])
def test_nobody_and_whatever_is_no_value_let_nobody_in(setting: str) -> None:
    found = decide(setting, Visit(None, HERE, is_signed_in=True))
    assert not found.is_allowed
    assert not found.may_name_folders
    assert permission.SETTING in found.how
    assert bool(found.warning) == (setting != "nobody")


def script() -> None:
    """A page with one action."""
    import streamlit as st

    from pages.ui import permission, problems

    permission.show_why_not()
    with problems.shown("Action"):
        permission.need_permission()
        st.write("done")
    with problems.shown("Folder"):
        permission.need_permission(to_name_folders=True)
        st.write("read")


@pytest.mark.parametrize(
    ("setting", "visit", "written", "n_errors"),
    [
        ("local", Visit(None, HERE), ["done", "read"], 0),
        ("local", Visit("10.0.0.1", HERE), [], 2),
        ("signed-in", Visit("10.0.0.1", {}, True), ["done"], 1),
        ("nobody", Visit(None, HERE), [], 2),
        ("perhaps", Visit(None, HERE), [], 2),
    ],
)
def test_an_action_asks_for_itself(
    monkeypatch: pytest.MonkeyPatch,
    setting: str,
    visit: Visit,
    written: list[str],
    n_errors: int,
) -> None:
    monkeypatch.setenv(permission.SETTING, setting)
    monkeypatch.setattr(permission, "visitor", lambda: visit)
    app = AppTest.from_function(script).run()
    assert not app.exception
    words = [each.value for each in app.markdown]
    assert [word for word in words if word in ("done", "read")] == written
    assert len(app.error) == n_errors
    assert all("Received" in each.value for each in app.error)
    assert len(app.info) == (not written)
    assert len(app.warning) == (setting == "perhaps")


def test_a_request_without_a_browser_may_change_nothing() -> None:
    # The real reading of the connection: a run of a page without any.
    app = AppTest.from_function(script).run()
    assert not app.exception
    assert len(app.error) == 2

"""The way through the lessons on pictures in a real browser."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from chromium import wait_until_settled
from playwright.sync_api import BrowserContext, Page, expect

from genre_core.lessons.first import load_course
from tests.app_server import AppServer

Open = Callable[..., Page]


def test_the_lessons_on_pictures_from_first_guess_to_summary(
    browser: BrowserContext,
    open_page: Open,
    console: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With the shipped networks and without asking one: their answers are stored."""
    monkeypatch.setenv("GENRE_WARM_UP", "0")
    steps = load_course("pictures").steps
    with AppServer(tmp_path) as server:
        page = open_page(f"{server.url}/first", width=400)
        for number, step in enumerate(steps, start=1):
            expect(page.get_by_role("heading", name=f"{number} · {step.title}")).to_be_visible()
            page.get_by_role("radio", name=step.choices[1].split("{")[0]).check(force=True)
            page.get_by_role("button", name="That is my guess").click()
            look = page.get_by_role("button", name="I have looked: show the answer")
            expect(look).to_be_visible()
            expect(page.get_by_text("To keep:")).to_be_hidden()
            if number == 2:
                wait_until_settled(page)
                expect(page.get_by_text("276 of 576 cells")).to_be_visible()
                page.get_by_role("slider", name="Window: across").focus()
                page.keyboard.press("ArrowRight")
                expect(page.get_by_text("277 of 576 cells")).to_be_visible()
            look.click()
            expect(page.get_by_text("To keep:")).to_be_visible()
            # Nothing reaches beyond a phone's edge.
            assert page.evaluate("document.documentElement.scrollWidth") <= 400
            last = number == len(steps)
            page.get_by_role("button", name="Summary" if last else "Next").click()
        expect(page.get_by_text("6 of 6 questions guessed")).to_be_visible()
        expect(page).to_have_url(re.compile("step=Summary&said=111111|said=111111&step=Summary"))
        with page.expect_download() as download:
            page.get_by_role("button", name="Summary to print").click()
        printed = Path(download.value.path()).read_text(encoding="utf-8")
        assert all(html.escape(step.keep) in printed for step in steps)
        assert console == []

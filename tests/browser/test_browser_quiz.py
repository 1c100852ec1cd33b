"""A class in one room: a teacher and three phones through two questions, to the scoreboard."""

import re
from collections.abc import Callable

from chromium import check_both_themes, wait_until_settled
from playwright.sync_api import Page, expect

from tests.app_server import AppServer

Open = Callable[..., Page]
PHONE_PX = (400, 800)


def test_a_class_of_three_goes_through_two_questions(
    app: AppServer, open_page: Open, console: list[str]
) -> None:
    teacher = open_page(f"{app.url}/quiz")
    teacher.get_by_role("spinbutton", name="Questions").fill("2")
    teacher.get_by_role("spinbutton", name="Questions").press("Enter")
    # The number is on its way to the server; the button must not overtake it.
    wait_until_settled(teacher)
    teacher.get_by_role("button", name="Open the room").click()
    expect(teacher).to_have_url(re.compile("room=[A-Z]{5}&key="))
    code = re.findall("room=([A-Z]{5})", teacher.url)[0]
    expect(teacher.get_by_role("img", name="QR code of http")).to_be_visible()
    phones = [open_page(f"{app.url}/quiz?room={code}", width=PHONE_PX[0]) for _ in range(3)]
    for phone, name in zip(phones, ("Ann", "Bob", "Ann"), strict=True):
        phone.get_by_label("Nickname").fill(name)
        phone.get_by_role("button", name="Join").click()
    expect(phones[2].get_by_text("which is taken")).to_be_visible()
    phones[2].get_by_label("Nickname").fill("Cem")
    phones[2].get_by_role("button", name="Join").click()
    for phone in phones:
        expect(phone.get_by_role("heading", name="You are in")).to_be_visible()
    expect(teacher.get_by_text("3 in the room")).to_be_visible()
    # The first question, by key; phones come along by themselves.
    teacher.keyboard.press("ArrowRight")
    expect(teacher.get_by_text("of 3 have answered")).to_be_visible()
    buttons = phones[0].locator(".st-key-quiz_genres button")
    expect(buttons).not_to_have_count(0)
    phones[0].set_viewport_size({"width": PHONE_PX[0], "height": PHONE_PX[1]})
    wait_until_settled(phones[0])
    box = buttons.last.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= PHONE_PX[1]
    assert box["height"] >= 48
    check_both_themes(phones[0])
    for phone in phones:
        answer(phone, 0)
    answer(phones[1], 1)
    expect(teacher.get_by_text("3 of 3 have answered")).to_be_visible()
    # A teacher who reloads, and a student who does, go on where they were.
    for page in (teacher, phones[1]):
        page.reload()
    expect(teacher.get_by_text("3 of 3 have answered")).to_be_visible()
    expect(pressed(phones[1])).to_have_count(1)
    teacher.get_by_role("button", name="Close answers").click()
    for phone in phones:
        expect(phone.get_by_text("Answers are closed")).to_be_visible()
    assert phones[1].locator(".st-key-quiz_genres").count() == 0
    teacher.keyboard.press("PageDown")
    expect(teacher.get_by_role("heading", name="The network says")).to_be_visible()
    for phone in phones:
        expect(phone.get_by_text("The network said")).to_be_visible()
    # The second, which one of them does not answer.
    teacher.get_by_role("button", name="Next question").click()
    for phone in phones[:2]:
        answer(phone, 0)
    expect(teacher.get_by_text("2 of 3 have answered")).to_be_visible()
    for label in ("Close answers", "Ask the network", "End and show results"):
        teacher.get_by_role("button", name=label).click()
    expect(teacher.get_by_role("heading", name="Scoreboard")).to_be_visible()
    for phone in phones:
        expect(phone.get_by_role("heading", name="The quiz is over")).to_be_visible()
    wait_until_settled(teacher)
    for name in ("Ann", "Bob", "Cem"):
        expect(teacher.get_by_role("cell", name=name, exact=True)).to_be_visible()
    expect(teacher.get_by_role("cell", name="5 answers")).to_be_visible()
    # Without the key the same room is a wall to look at.
    phones[2].goto(f"{app.url}/quiz?room={code}&show=class")
    expect(phones[2].get_by_role("heading", name="Scoreboard")).to_be_visible()
    expect(phones[2].get_by_role("button", name="Delete the room")).to_have_count(0)
    teacher.get_by_role("button", name="Delete the room").click()
    teacher.get_by_role("button", name="Delete it").click()
    expect(teacher.get_by_role("heading", name="Open a room")).to_be_visible()
    assert "room=" not in teacher.url
    assert console == []


def test_a_path_is_shown_by_keys(app: AppServer, open_page: Open, console: list[str]) -> None:
    page = open_page(f"{app.url}/teacher")
    page.get_by_role("button", name="Show it to the class").click()
    expect(page.get_by_text("1 of 5")).to_be_visible()
    wait_until_settled(page)
    page.keyboard.press("PageDown")
    expect(page.get_by_text("2 of 5")).to_be_visible()
    wait_until_settled(page)
    # A key that somebody writes with stays with the field.
    field = page.get_by_role("textbox", name="Code")
    field.fill("AB")
    field.press("ArrowLeft")
    page.wait_for_timeout(500)
    expect(page.get_by_text("2 of 5")).to_be_visible()
    field.blur()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_text("1 of 5")).to_be_visible()
    wait_until_settled(page)
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("2 of 5")).to_be_visible()
    wait_until_settled(page)
    page.reload()
    expect(page.get_by_text("2 of 5")).to_be_visible()
    check_both_themes(page)
    page.get_by_role("button", name="End", exact=True).click()
    expect(page.get_by_text("2 of 5")).to_have_count(0)
    assert console == []


def answer(phone: Page, genre: int) -> None:
    """Press the button of a genre and wait for its mark."""
    phone.locator(".st-key-quiz_genres button").nth(genre).click()
    expect(phone.get_by_text("You can change it")).to_be_visible()
    expect(
        phone.locator(".st-key-quiz_genres button").nth(genre).get_by_text("check")
    ).to_be_visible()


def pressed(phone: Page) -> Page:
    """Find the mark of the answer that was given."""
    return phone.locator(".st-key-quiz_genres button").get_by_text("check")

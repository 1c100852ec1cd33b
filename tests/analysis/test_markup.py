"""Markup from parts: what is text stays text, in elements and in attributes."""

from __future__ import annotations

from genre_core.analysis.markup import Markup, element, page


def test_text_is_escaped_and_markup_is_not() -> None:
    inner = element("b", '<i> & "')
    assert inner == "<b>&lt;i&gt; &amp; &quot;</b>"
    assert element("p", inner, Markup("<br>")) == f"<p>{inner}<br></p>"
    assert element("td", 1, title='"><script>') == '<td title="&quot;&gt;&lt;script&gt;">1</td>'
    assert isinstance(inner, Markup)


def test_signs_that_no_page_can_hold_are_replaced_and_others_kept() -> None:
    assert element("p", "a\x00\x1b\ud800\x9fb") == "<p>a\ufffd\ufffd\ufffd\ufffdb</p>"
    text = "\tline\n日本 👩\u200d🎤 é"
    assert element("p", text) == f"<p>{text}</p>"
    page("\ud800", "\ud800").encode("utf-8")

"""Everything that a page says, as AppTest holds it: captions, alt texts, labels and figures too."""

from __future__ import annotations

from google.protobuf import text_format
from streamlit.testing.v1 import AppTest


def everything(app: AppTest) -> str:
    r"""Join all elements of the page and of an open dialog, without Markdown's backslashes."""
    messages = [node.proto for block in app._tree.children.values() for node in block]
    texts = [
        text_format.MessageToString(message, as_utf8=True)
        for message in messages
        if hasattr(message, "DESCRIPTOR")
    ]
    return "\n".join(texts).replace("\\\\", "").replace("\\'", "'")

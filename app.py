"""The browser app: `streamlit run app.py`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st

from pages import loading
from pages.ui.items.served import ROUTES


@asynccontextmanager
async def _while_serving(_: st.App) -> AsyncIterator[None]:
    loading.begin()
    yield


app = st.App("pages/main.py", lifespan=_while_serving, routes=ROUTES)

"""The browser app: `streamlit run app.py`."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import streamlit as st

from pages import loading, tidying
from pages.ui.items.served import ROUTES


@contextlib.asynccontextmanager
async def _while_serving(_: st.App) -> AsyncIterator[None]:
    loading.begin()
    tidy = asyncio.create_task(tidying.tidy_for_ever())
    yield
    tidy.cancel()


app = st.App("pages/main.py", lifespan=_while_serving, routes=ROUTES)

"""`/data` as a fresh server's very first request; `frame.hand_over` says why."""

from pages.ui import frame

frame.hand_over()

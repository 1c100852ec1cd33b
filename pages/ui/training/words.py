"""Icons for how a run stands, times for people, and what a link says of a training."""

from __future__ import annotations

DATA_KEY, RECIPE_KEY = "train_on", "recipe"
"""Data set and recipe of the form, in its link."""
VIEW_KEY, NEW = "desk", "New training"
"""What of the page is shown, and the form's name there."""

STATE_ICONS = {
    "waiting": ":material/hourglass_top:",
    "running": ":material/directions_run:",
    "stopped": ":material/pause_circle:",
    "done": ":material/check_circle:",
    "failed": ":material/error:",
    "interrupted": ":material/power_off:",
}
"""By the states of a run, in the order in which they are listed."""


def time_in_words(seconds: float) -> str:
    """Say a time as people do.

    Examples
    --------
    >>> time_in_words(42), time_in_words(130), time_in_words(7_500)
    ('42 s', '2 min 10 s', '2 h 5 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3_600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3_600} h {whole % 3_600 // 60} min"

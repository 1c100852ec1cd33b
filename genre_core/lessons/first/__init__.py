"""The first lessons, for readers who know nothing yet: their texts, their maths, their figures."""

from genre_core.lessons.first.course import (
    COURSES,
    MEASURED,
    Course,
    Guesses,
    Step,
    load_course,
)
from genre_core.lessons.first.slide import PRESETS, brightness, fields, grown, pool, products, slide

__all__ = [
    "COURSES",
    "MEASURED",
    "PRESETS",
    "Course",
    "Guesses",
    "Step",
    "brightness",
    "fields",
    "grown",
    "load_course",
    "pool",
    "products",
    "slide",
]

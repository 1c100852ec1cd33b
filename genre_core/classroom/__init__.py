"""A class guesses before the network does: rooms, their students, answers and results."""

from genre_core.classroom.results import Agreement, Results, read_results
from genre_core.classroom.rooms import (
    Question,
    Room,
    delete_old_rooms,
    find_room,
    list_rooms,
    open_room,
)
from genre_core.classroom.steps import delete_room, step
from genre_core.classroom.students import answer, join, seat

__all__ = [
    "Agreement",
    "Question",
    "Results",
    "Room",
    "answer",
    "delete_old_rooms",
    "delete_room",
    "find_room",
    "join",
    "list_rooms",
    "open_room",
    "read_results",
    "seat",
    "step",
]

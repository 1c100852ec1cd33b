"""A class guesses genres before a network does: rooms joined by a code, led by a teacher."""

import streamlit as st

from pages.ui import frame
from pages.ui.quiz import board, entrance, leading, place, student

where = place.current()

if where is None:
    frame.head(
        "Guess first",
        "A class names the genre of covers or songs on its phones, then the network does. Who is "
        "right, and who agrees with whom?",
    )
    entrance.show()
    frame.onwards(
        covers="Look at one cover closely",
        lessons="For experts: when does a good score mislead?",
        results="How good is the network, really?",
    )
elif where.key:
    leading.show(where)
elif where.seat is not None:
    student.show(where, where.seat)
elif where.is_shown:
    st.title(f"Room {where.room.code}", anchor=False)
    board.show(where.room)
else:
    st.title("Join the room", anchor=False)
    entrance.ask_nickname(where.room.code)

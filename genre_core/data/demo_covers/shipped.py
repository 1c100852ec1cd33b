"""Which covers are built in, and what they show."""

from __future__ import annotations

SHIPPED: tuple[tuple[str, int, str], ...] = (
    (
        "prog",
        20,
        "Two floating islands with castles, joined by a bridge, before a ringed planet in a "
        "violet sky, inside an ornate gold border",
    ),
    (
        "hip-hop",
        6,
        "A hooded figure with dark glasses and a gold chain before heavy worn type on a "
        "yellow wall and a halftone skyline",
    ),
    (
        "electronic",
        20,
        "An orange sun cut by horizontal slits over a neon grid that runs to a dark "
        "horizon, with glitched rows",
    ),
    (
        "country",
        3,
        "A sunset over prairie hills with a rail fence, a wind pump and a guitar that leans "
        "on the fence",
    ),
    (
        "pop",
        4,
        "A flat portrait of a singer with pink hair and heart-shaped glasses in candy colours "
        "among confetti",
    ),
    (
        "rock",
        3,
        "Four band members in black silhouette before a red disc, with distressed type, like "
        "a photocopied poster",
    ),
    (
        "metal",
        13,
        "A horned skull with glowing eyes in orange fire under a thorny, hardly legible name",
    ),
    (
        "jazz",
        2,
        "A saxophone in a deep blue tint beside large tight lower-case type and yellow bars",
    ),
    (
        "classical",
        5,
        "A walker on a rock above mountains in fog, as a painting in a cream panel with an "
        "ornate gold frame",
    ),
    ("reggae", 8, "A lion's head in a sun of red, gold and green rays with palms on both sides"),
    (
        "prog",
        16,
        "Floating islands with castles and waterfalls before an orange planet in a teal sky, "
        "inside an ornate gold border",
    ),
    (
        "electronic",
        7,
        "A disc of bent rings in violet, pink and yellow, with glitched rows, on deep violet",
    ),
)
"""Style, seed, and what somebody who does not see the cover should know."""

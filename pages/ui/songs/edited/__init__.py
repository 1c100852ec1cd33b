"""Parts of songs, changed and heard."""

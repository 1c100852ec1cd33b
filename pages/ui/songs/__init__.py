"""What the Songs page is made of: choosing a song, reading it, its timeline, its verdicts."""

"""The page Library: one's own music after `classify --out`."""

"""The training desk, part by part."""

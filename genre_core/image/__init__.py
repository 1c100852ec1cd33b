"""Covers as arrays: decoding, resizing, describing, changing and colouring them."""

"""Covers and songs of a data set as a list that is seen, heard and labelled by mouse or by keys."""

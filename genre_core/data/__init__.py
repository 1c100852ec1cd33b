"""Data sets: items, catalogs, importers, splits and the cache of prepared covers."""

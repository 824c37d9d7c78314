"""Releases: host and terminal software by name, as data, and the catalogue of those that do not go together."""

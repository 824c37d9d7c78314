"""Actors in the wet: terminals over their cables and devices, the host behind its listeners."""

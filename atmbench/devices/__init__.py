"""Devices of a terminal: cash, card and note slots, and the hands in front of them."""

"""Venues: where a drill runs. A venue gives the clock and joins lines to sites, and nothing else differs.

A venue must never know of drills, money or messages.
"""

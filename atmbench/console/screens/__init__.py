"""Screens: one module each, thin. A screen lays out widgets, shows what its view gives, and turns keys into orders."""

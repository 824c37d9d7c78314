"""Faults: frozen records that decide what is delivered in place of a frame. Dry; performed by `links`."""

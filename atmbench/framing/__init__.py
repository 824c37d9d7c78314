"""Framing: where a message begins and ends in a stream of bytes.

Dry and bounded. Nothing outside of this room imports construct.
"""

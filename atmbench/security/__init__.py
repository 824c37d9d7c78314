"""Security: PIN blocks under keys that never show themselves.

Dry. Nothing outside of this room imports psec.
"""

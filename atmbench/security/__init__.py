"""Security: keys that never show themselves, and what is done with them.

Dry: time and chance are arguments. Nothing outside of this room imports psec, pyemv or cryptography.
"""

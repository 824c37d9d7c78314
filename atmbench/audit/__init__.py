"""The audit: says from the recorded history alone whether a run was right.

Facts are folded once into a casebook (one case per transaction, one log per terminal); every check is
a pure function over it and answers PASS, FAIL or UNKNOWN. The audit must never look at anything but
facts, and must never let a check that could not judge count as passed.
"""

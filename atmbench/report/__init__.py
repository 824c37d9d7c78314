"""Reports: an audit as text, JUnit XML or JSON. They build strings; the caller writes files.

A report must never judge: it says what the audit found, in words a tester can act upon.
"""

"""Byte-level emulators of ATM devices: dispenser, card reader, PIN pad, printer, note acceptor, line modem.

Each is a core without I/O inside a thin serial shell and runs alone, as the firmware it stands in for would. They
must never import anything of atmbench: a bench that tests itself with its own drivers proves nothing.
"""

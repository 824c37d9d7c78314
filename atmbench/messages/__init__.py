"""Messages: dialects as data, the codec, masking, and the keys that match replies to requests.

Dry. Nothing outside of this room knows a field number or imports iso8583.
"""

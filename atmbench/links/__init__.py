"""Links: byte streams between a terminal and a site, and the cable that can be cut.

Memory and TCP streams, framing over a stream, and the cable that performs what faults plan. Nothing
here may know what a message means, and no foreign exception of a socket leaves this room.
"""

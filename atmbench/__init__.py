"""atmbench: an ATM fleet emulator and failover test bench.

This module holds the version and nothing else, so that importing it costs nothing. It must never import a room.
"""

__version__ = "0.1.0"

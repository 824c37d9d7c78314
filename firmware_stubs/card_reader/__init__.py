"""A motorised hybrid card reader, Omron 3S4YR: its link, its mechanism, its firmware, and a stub that joins them."""

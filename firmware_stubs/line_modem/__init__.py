"""A Hayes modem: commands and data on one port, a telephone line at the other."""

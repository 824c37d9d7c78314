"""The terminal: a dry core that asks, pays, reverses and changes lines; it must never touch a wire or a clock."""

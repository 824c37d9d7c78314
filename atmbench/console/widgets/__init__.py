"""Widgets: paint what a view gives and post a message when a key or the mouse means something. They decide nothing."""

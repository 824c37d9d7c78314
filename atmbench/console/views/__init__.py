"""Views: the model in lines and rows of toned text, ready to be painted. Dry: they know neither Textual nor colours."""

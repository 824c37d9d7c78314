"""The emulated host: two sites that authorise, post, reverse and replicate. Dry: it never knows a clock or a wire."""

"""An encrypting PIN pad of SZZT: the ZT598, and the ZT588 by other settings (facts of devices 3)."""

"""The bench turned on itself: many runs in virtual time, to see what it finds. It must never judge a run itself."""

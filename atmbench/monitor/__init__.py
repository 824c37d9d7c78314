"""The monitor: facts folded into metrics, and alert rules over them. It must never judge a run, nor touch one."""

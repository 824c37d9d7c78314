"""The console: a bench on the screen of a tester, live or replayed, with one key for each thing that can be done to it.

The only room that knows Textual and asyncio. It is a client: facts come in, commands go out, and the bench lives in a
process of its own. `model*` fold facts into what is shown and are dry; `sources` know where facts come from; screens
and widgets only show. It must never judge by itself what the audit judges, and never show more of a card than its mask.
"""

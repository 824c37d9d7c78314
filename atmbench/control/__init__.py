"""The control plane: commands in, facts out as a stream, over HTTP, beside the engine in one trio loop.

The only room that knows starlette, hypercorn and httpx. It must never do to a bench what a drill's step could not.
"""

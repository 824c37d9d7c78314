"""Where psec and pyemv encipher with TDES by a name that `cryptography` has deprecated.

This room enciphers by itself wherever it can (`keys.Key`); what psec and pyemv do in one piece, layout and cipher,
is called inside of `deprecated_name`. Should the name go, only those calls go with it.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from cryptography.utils import CryptographyDeprecationWarning


@contextmanager
def deprecated_name() -> Iterator[None]:
    """Hold back the warning that users of the bench can do nothing about."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)
        yield

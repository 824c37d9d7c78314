"""`python -m atmbench` is the command `atmbench`. This module must never do more than that."""

from atmbench.cli import main

if __name__ == "__main__":
    main()

"""`python -m data_synth`; the guard keeps worker processes from starting it again."""

import sys

from data_synth.cli import main

if __name__ == "__main__":
    sys.exit(main())

"""`python -m dblint`."""

import sys
from pathlib import Path

# `python -m` puts the current folder first on the import path; it may be the checkout that is reviewed, and
# nothing there may ever be imported. The interpreter has already found dblint itself.
if (
    sys.path
    and not sys.flags.safe_path
    and Path(sys.path[0] or ".").resolve() != Path(__file__).resolve().parent.parent
):
    del sys.path[0]

from dblint.cli import main

main()

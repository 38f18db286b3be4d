"""`python -m dblint`."""

import os
import sys

# `python -m` puts the current folder first on the import path; it may be the checkout that is reviewed, and
# nothing there may ever be imported. The interpreter has already found dblint itself, and these two modules.
if (
    sys.path
    and not sys.flags.safe_path
    and os.path.realpath(sys.path[0] or ".") != os.path.dirname(os.path.dirname(os.path.realpath(__file__)))  # noqa: PTH120 - pathlib would be looked for there
):
    del sys.path[0]

from dblint.entry import main

main()

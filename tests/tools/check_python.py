"""Say plainly, before anything is installed, when this Python can not be used."""

import sys

if sys.version_info < (3, 11):
    sys.exit(
        "RunJSON needs Python 3.11 or later; this is %d.%d. Choose one: make PYTHON=python3.12" % sys.version_info[:2]
    )
try:
    import ensurepip  # noqa: F401
    import venv  # noqa: F401
except ImportError:
    sys.exit("This Python can make no virtual environment. On Debian: apt-get install python3-venv")

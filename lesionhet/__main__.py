"""``python -m lesionhet`` is the command."""

import sys

from lesionhet.cli import main

sys.exit(main())

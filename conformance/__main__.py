"""``python -m conformance`` is ``spiceconf``."""

import sys

from conformance.command import main

sys.exit(main())

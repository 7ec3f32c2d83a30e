"""``python -m conformance`` is ``spiceconf``."""

import sys

from spiceproto.spiceconf import main

sys.exit(main())

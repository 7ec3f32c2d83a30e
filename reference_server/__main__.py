"""``python -m reference_server``."""

from __future__ import annotations

import sys

from reference_server.command import main

sys.exit(main())

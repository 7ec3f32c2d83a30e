"""``python -m reference_client``."""

from __future__ import annotations

import sys

from reference_client.command import main

if __name__ == "__main__":
    sys.exit(main())

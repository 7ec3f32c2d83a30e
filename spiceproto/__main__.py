"""``python -m spiceproto`` is the ``spiceproto`` command."""

from spiceproto.program import main

raise SystemExit(main())

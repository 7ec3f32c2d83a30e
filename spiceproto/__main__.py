"""``python -m spiceproto`` is the ``spiceproto`` command."""

from spiceproto.command import main

raise SystemExit(main())

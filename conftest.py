"""What holds for all tests: none of them fails because the machine is busy, or because of how pytest was called.

Hypothesis measures how long an example takes and how long it takes to make one, and fails tests that seem slow. Here neither
counts: how fast something is, benchmarks tell. How long tests wait for others is ``PATIENCE`` of ``spiceproto/tests/peers.py``.
Options of these tests in the environment are none of the programs that tests start.
"""

import os

from hypothesis import HealthCheck, settings

settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

os.environ.pop("PYTEST_ADDOPTS", None)

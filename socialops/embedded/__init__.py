"""PostgreSQL, Valkey and Node that come from PyPI, for the demo, development and tests.

Nothing here imports Django: settings start the servers while they are being read.
"""

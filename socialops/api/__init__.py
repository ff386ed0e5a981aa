"""What every REST endpoint shares: problem documents, cursor pagination, idempotent writes, membership."""

"""What happened, who did it, when: append-only, hash-chained per organization."""

"""Who owns a row, and who may see it: one organization in scope at a time, enforced by a manager and by PostgreSQL."""

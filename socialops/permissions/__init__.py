"""Who may do what: rights, decisions that explain themselves, and the one seam that answers."""

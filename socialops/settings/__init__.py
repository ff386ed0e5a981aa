"""Settings from the environment (12-factor). Names are listed in README; nonsense fails loudly at start."""

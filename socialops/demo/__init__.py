"""A French group with three brands, eight weeks of work behind it and two ahead: what `make demo` shows."""

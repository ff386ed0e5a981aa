"""Words in French and English: extraction, completeness and compilation with Babel, so that no system gettext is needed."""

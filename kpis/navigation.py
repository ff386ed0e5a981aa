"""Where figures stand in the navigation."""

"""Stand-ins that obey the same contract as the real thing and do what a test scripts."""

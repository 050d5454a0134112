"""The command line: one door, where every error becomes one clear message and an exit code."""

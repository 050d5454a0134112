"""Themes and the standard in force become drafted changes that pass a gate, or briefs of the evidence."""

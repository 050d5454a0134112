"""Backup and restore: one file that holds a workspace as it was at a moment."""

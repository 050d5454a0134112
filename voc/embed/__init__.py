"""Text to vectors, each distinct text once, kept in files that only grow."""

"""Erasure of comments from everything that a workspace keeps."""

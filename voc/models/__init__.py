"""Model weights: which are known, where they come from, and whether what lies in the cache is what was pinned."""

"""The search index: generations written whole, sealed by checksums, swapped at once. FAISS lives here only."""

"""What benchmark scripts share; nothing here runs by itself."""

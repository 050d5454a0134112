"""The web: the second door, where every question is a GET and every error becomes JSON with a status."""

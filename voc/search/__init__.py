"""Find feedback by meaning, filtered by market, date, theme, rating and language."""

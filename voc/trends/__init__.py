"""Statistics over counts and exposure: rates, changes and which of them are more than noise."""

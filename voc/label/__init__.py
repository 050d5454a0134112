"""Names and summaries of themes: by a language model where there is one, else by their keywords."""

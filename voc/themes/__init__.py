"""Themes: the space they live in, how they are found, how feedback is assigned to them. BERTopic lives here only."""

"""The weekly report: one week as a value, and that value as HTML, Markdown and JSON."""

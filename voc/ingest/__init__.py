"""Files of feedback, deliveries and signals become validated, redacted rows of the store; what cannot is kept apart."""

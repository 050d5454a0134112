"""Did an adopted change work: complaints before and after, against markets that did not change."""

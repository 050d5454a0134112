"""History in partitions, worked on by many processes or machines, and brought into the store in order."""

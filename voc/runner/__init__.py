"""Run a pipeline: hold the lease, record every step, and let the same command go on where a run was stopped."""
